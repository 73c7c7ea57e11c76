-- Probe results as known now, their latency one way in whole microseconds: half of it where the probe measured there
-- and back. Of results in conflict each is a row, and none counts.
{{ day_fact(changed='int_changed_probe_days') }}
with versions as (
    select
        *,
        {{ business_day('probed_at') }} as day,
        case basis when 'one_way' then 1 when 'round_trip' then 2 end as ways
    from {{ ref('stg_network_probes') }}
    where {{ is_changed_day(business_day('probed_at'), changed='int_changed_probe_days') }}
)

select
    landing_id,
    landing_row,
    record_hash,
    probe_id,
    target,
    from_site_id,
    to_site_id,
    day,
    {{ epoch_micros('probed_at') }} as probed_us,
    ways,
    case ways when 1 then 'one_way' when 2 then 'round_trip_half' end as basis,
    sent,
    received,
    {{ half_up_div('avg_us * 1000', 'ways * 1000') }} as latency_us,
    case when received > 0 then cast(jitter_us * 1000 as bigint) end as stated_jitter_ns,
    is_conflict
from (
    {{ current_rows('versions', natural_keys()['network_probes']) }}
) as results
