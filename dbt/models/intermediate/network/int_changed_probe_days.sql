-- Business days of probes that changed landings touch. A result's key holds its instant, so all versions of one result
-- lie in one such day.
select distinct {{ business_day('records.probed_at') }} as day
from {{ source('bronze', 'network_probes') }} as records
inner join {{ source('inputs', 'changed_landings') }} as changed
    on records.landing_id = changed.landing_id
