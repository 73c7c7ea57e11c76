-- What was found of job_records per source and control day, as its contract counts; kept by day of submission.
{{ day_fact(changed='int_changed_submit_days') }}
{{ control_totals(
    'job_records', job_key(), 'submit_time', changed='int_changed_submit_days', rank=job_state_rank('state')
) }}
