-- What was found of job_records per source and control day, as its contract counts; kept by day of submission.
{{ day_fact(changed='int_changed_submit_days') }}
select
    source_id,
    'job_records' as dataset,
    day,
    control_day,
    count(*) as found,
    sum(cast({{ controls()['job_records']['sum'] }} as decimal(38, 6))) as found_control_sum
from {{ ref('int_jobs') }}
where
    control_day is not null
    and not is_conflict
    and {{ is_changed_day('day', changed='int_changed_submit_days') }}
group by source_id, day, control_day
