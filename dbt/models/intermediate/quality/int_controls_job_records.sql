-- What was found of job_records per source and control day, as its contract counts; kept by day of submission.
{{ day_fact(changed='int_changed_submit_days') }}
with standing as (
    select
        records.*,
        jobs.day
    from {{ ref('int_jobs') }} as jobs
    inner join {{ ref('stg_job_records') }} as records
        on
            jobs.landing_id = records.landing_id
            and jobs.landing_row = records.landing_row
    where
        not jobs.is_conflict
        and {{ is_changed_day('jobs.day', changed='int_changed_submit_days') }}
)

{{ control_totals('job_records') }}
