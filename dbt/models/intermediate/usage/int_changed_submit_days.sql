-- Business days of submission that changed landings touch. A job's key holds its submit_time, so all versions of one
-- job, and with them its standing, lie in one such day.
select distinct {{ business_day('records.submit_time') }} as day
from {{ source('bronze', 'job_records') }} as records
inner join {{ source('inputs', 'changed_landings') }} as changed
    on records.landing_id = changed.landing_id
