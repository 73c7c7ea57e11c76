-- Which records stand beside the usage of a day: outages behind downtime, certificates behind their own use, samples of
-- devices behind what was active and behind the energy of jobs, and holdings of an unknown number behind unknown usage. A
-- sample bears on its day, and on the next where midnight is within an hour; row keys are told as in int_evidence.
{{ config(materialized='view') }}
with samples as (
    {{ current_rows(ref('stg_device_samples'), natural_keys()['device_samples']) }}
),

sample_days as (
    select
        site_id,
        {{ explode_days(
            day_of_epoch(epoch_seconds('sampled_at')), day_of_epoch(epoch_seconds('sampled_at') ~ ' + 3599')
        ) }} as day,
        record_hash,
        landing_id,
        landing_row
    from samples
    where
        not is_conflict
        and (utilisation_pct is not null or power_w is not null or energy_total_mj is not null)
),

outage_days as (
    select
        site_id,
        resource_pool,
        {{ explode_days(day_of_epoch('from_s'), day_of_epoch('until_s - 1')) }} as day,
        record_hash,
        landing_id,
        landing_row
    from {{ ref('int_outages') }}
    where not is_conflict
)

select
    'device_samples' as table_name,
    sample_days.site_id || '|' || cast(sample_days.day as string) as row_key,
    sample_days.record_hash,
    cast(null as bigint) as quantity,
    sample_days.landing_id,
    sample_days.landing_row
from sample_days
union all
select
    'downtime_daily' as table_name,
    outage_days.site_id || '|' || cast(outage_days.day as string) || '|' || outage_days.resource_pool as row_key,
    outage_days.record_hash,
    cast(null as bigint) as quantity,
    outage_days.landing_id,
    outage_days.landing_row
from outage_days
union all
select
    'green_certificate_use' as table_name,
    certificates.certificate_id || '|' || cast(certificates.version as string) as row_key,
    certificates.record_hash,
    cast(null as bigint) as quantity,
    certificates.landing_id,
    certificates.landing_row
from {{ ref('int_certificates') }} as certificates
union all
select
    'unknown_usage' as table_name,
    cast(unknown_days.day as string) || '|' || unknown_days.site_id || '|' || coalesce(unknown_days.account, '')
    || '|' || unknown_days.compute_class || '|' || unknown_days.resource_kind || '|' || unknown_days.model as row_key,
    unknown_days.record_hash,
    cast(null as bigint) as quantity,
    unknown_days.landing_id,
    unknown_days.landing_row
from {{ ref('int_unknown_days') }} as unknown_days
