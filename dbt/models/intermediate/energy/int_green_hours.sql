-- Of each hour of a site's facility energy: what is green, by its own meters and by certificates, and the carbon dioxide
-- of the rest by the grid's factor, in billionths of a gram: that of the hour, else the newest yearly average published.
with factors as (
    select
        grid,
        {{ epoch_seconds('hour') }} as hour_s,
        g_per_kwh
    from (
        {{ current_rows(ref('stg_emission_factors'), natural_keys()['emission_factors']) }}
    ) as revisions
    where not is_conflict
),

yearly as (
    {{ dated(ref('grid_factors'), ['grid']) }}
),

claims as (
    select
        site_id,
        hour_s,
        case when count(used_wh) = count(*) then sum(used_wh) end as used_wh
    from {{ ref('int_certificate_hours') }}
    group by site_id, hour_s
),

hours as (
    select
        hours.site_id,
        hours.day,
        hours.hour_s,
        hours.renewable_metered or claims.hour_s is not null as is_claimed,
        hours.facility_wh,
        hours.facility_wh - {{ own_renewable('hours') }} as grid_wh,
        case when claims.hour_s is null then 0 else claims.used_wh end as certificate_wh,
        {{ exact_product('factors.g_per_kwh * 1000000', '1') }} as hourly_ug_per_kwh,
        {{ exact_product('yearly.mg_per_kwh', '1000') }} as yearly_ug_per_kwh
    from {{ ref('int_energy_hours') }} as hours
    left join {{ source('inputs', 'sites') }} as sites
        on hours.site_id = sites.site_id
    left join claims
        on
            hours.site_id = claims.site_id
            and hours.hour_s = claims.hour_s
    left join factors
        on
            sites.grid = factors.grid
            and hours.hour_s = factors.hour_s
    left join yearly
        on
            sites.grid = yearly.grid
            and {{ in_force('hours.day', 'yearly') }}
)

select
    site_id,
    day,
    hour_s,
    is_claimed,
    cast(facility_wh - grid_wh + certificate_wh as bigint) as green_wh,
    cast(case when grid_wh is not null then certificate_wh end as bigint) as certificate_wh,
    hourly_ug_per_kwh is not null as is_hourly,
    {{ exact_product('grid_wh', 'coalesce(hourly_ug_per_kwh, yearly_ug_per_kwh)') }} as carbon_ng,
    {{ exact_product('grid_wh - certificate_wh', 'coalesce(hourly_ug_per_kwh, yearly_ug_per_kwh)') }} as carbon_market_ng
from hours
