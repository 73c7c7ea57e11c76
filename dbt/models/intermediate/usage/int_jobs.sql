-- One row per job as known now: the highest state, then the newest knowledge. A job with two different payloads at the
-- top is a conflict; each of them is a row, and none counts. control_day is the day on which the contract's control
-- counts the job, if it does.
{{ day_fact(changed='int_changed_submit_days') }}
{%- set control = controls()['job_records'] %}
with versions as (
    select
        source_id,
        landing_id,
        landing_row,
        record_hash,
        known_at,
        site_id,
        cluster,
        job_id,
        submit_time,
        restart_no,
        {{ business_day('submit_time') }} as day,
        account,
        partition,
        qos,
        {{ job_state_rank('state') }} as state_rank,
        {{ epoch_seconds('eligible_time') }} as eligible_s,
        {{ epoch_seconds('start_time') }} as start_s,
        elapsed_s,
        case when {{ control['filter'] }} then {{ business_day(control['day']) }} end as control_day,
        cpu_cores,
        accelerators,
        accelerator_model,
        case when node_list not like '%,%' and node_list not like '%[%' then node_list end as node,
        energy_j
    from {{ ref('stg_job_records') }}
    where {{ is_changed_day(business_day('submit_time'), changed='int_changed_submit_days') }}
)

select
    source_id,
    landing_id,
    landing_row,
    record_hash,
    site_id,
    cluster,
    job_id,
    submit_time,
    restart_no,
    day,
    account,
    partition,
    qos,
    state_rank,
    eligible_s,
    start_s,
    elapsed_s,
    control_day,
    -- an ended job ran for what it elapsed; where a running one ends is the watermark's word, not its own
    case when state_rank = 2 then start_s + elapsed_s end as end_s,
    cpu_cores,
    accelerators,
    accelerator_model,
    node,
    energy_j,
    is_conflict
from (
    {{ current_rows('versions', natural_keys()['job_records'], rank='state_rank') }}
) as jobs
