-- Each outage by its newest revision, within the hours in which any site's utilisation is known; one that is open lasts
-- to their end. A newest revision with two payloads is a conflict: both are rows, and none counts.
with current_statements as (
    {{ current_rows(ref('stg_outages'), natural_keys()['outages']) }}
),

revised as (
    select
        *,
        max(revision) over (partition by site_id, outage_id) as newest_revision
    from current_statements
),

spans as (
    select
        revised.site_id,
        revised.outage_id,
        coalesce(revised.resource_pool, 'unknown') as resource_pool,
        revised.planned,
        revised.devices,
        revised.outage_to is null as is_open,
        revised.is_conflict,
        revised.record_hash,
        revised.landing_id,
        revised.landing_row,
        greatest({{ epoch_seconds('revised.outage_from') }}, reach.first_s) as from_s,
        least(coalesce({{ epoch_seconds('revised.outage_to') }}, reach.reach_s), reach.reach_s) as until_s
    from revised
    cross join {{ ref('int_network_reach') }} as reach
    where revised.revision = revised.newest_revision
)

select *
from spans
where from_s < until_s
