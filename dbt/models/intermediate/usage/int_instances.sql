-- One row per instance and interval as known now: the highest state, then the newest knowledge. An interval with two
-- different payloads at the top is a conflict; each of them is a row, and none counts.
{{ day_fact(changed='int_changed_control_days') }}
with versions as (
    select
        source_id,
        landing_id,
        landing_row,
        record_hash,
        known_at,
        site_id,
        instance_id,
        interval_start,
        {{ business_day('interval_start') }} as day,
        account,
        {{ instance_layer('instance_kind') }} as layer,
        flavor,
        node,
        device_ids,
        {{ instance_state_rank('state') }} as state_rank,
        {{ epoch_seconds('interval_start') }} as start_s,
        {{ epoch_seconds('interval_end') }} as end_s,
        cast(cast(vcpus as decimal(18, 3)) * cast(1000 as decimal(4, 0)) as bigint) as core_milli,
        accelerator_milli,
        accelerator_model,
        slice_profile
    from {{ ref('stg_instance_records') }}
    where {{ is_changed_day(business_day('interval_start'), changed='int_changed_control_days') }}
)

select
    source_id,
    landing_id,
    landing_row,
    record_hash,
    site_id,
    instance_id,
    interval_start,
    day,
    account,
    layer,
    flavor,
    node,
    device_ids,
    state_rank,
    start_s,
    end_s,
    core_milli,
    accelerator_milli,
    accelerator_model,
    slice_profile,
    is_conflict
from (
    {{ current_rows('versions', natural_keys()['instance_records'], rank='state_rank') }}
) as instances
