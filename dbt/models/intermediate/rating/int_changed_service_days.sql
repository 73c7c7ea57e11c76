-- Business days of probes and outages that changed landings touch, where any contract promises a service level: credits
-- for these months are judged again. An outage counts with all that was ever said of it; an open one lasts on.
with changed_outages as (
    select distinct
        records.site_id,
        records.outage_id
    from {{ source('bronze', 'outages') }} as records
    inner join {{ source('inputs', 'changed_landings') }} as changed
        on records.landing_id = changed.landing_id
),

spans as (
    select
        greatest({{ business_day('outages.outage_from') }}, extent.first_day) as first_day,
        least(coalesce({{ business_day('outages.outage_to') }}, extent.last_day), extent.last_day) as last_day
    from {{ source('bronze', 'outages') }} as outages
    inner join changed_outages
        on
            outages.site_id = changed_outages.site_id
            and outages.outage_id = changed_outages.outage_id
    cross join {{ ref('int_usage_extent') }} as extent
),

touched as (
    select *
    from spans
    where first_day <= last_day
),

days as (
    select day
    from {{ ref('int_changed_probe_days') }}
    union
    select {{ explode_days('first_day', 'last_day') }} as day
    from touched
)

select days.day
from days
where exists (
    select 1
    from {{ ref('int_current_service_contracts') }} as terms
    where terms.kind = 'sla'
)
