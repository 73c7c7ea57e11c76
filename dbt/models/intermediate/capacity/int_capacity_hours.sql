-- Capacity integrated over each hour of a site's utilisation, to the second: unit-seconds per (site, class, kind, model).
-- An hour that begins before the first level is unknown and has no row.
with shares as (
    select
        levels.site_id,
        levels.compute_class,
        levels.resource_kind,
        levels.model,
        hours.hour_s,
        levels.from_s,
        least(coalesce(levels.until_s, hours.hour_s + 3600), hours.hour_s + 3600)
        - greatest(levels.from_s, hours.hour_s) as seconds,
        levels.installed,
        levels.down,
        levels.sellable,
        levels.reserved
    from {{ ref('int_site_hours') }} as hours
    inner join {{ ref('int_capacity_levels') }} as levels
        on
            hours.site_id = levels.site_id
            and levels.from_s < hours.hour_s + 3600
            and coalesce(hours.hour_s < levels.until_s, true)
)

select
    site_id,
    compute_class,
    resource_kind,
    model,
    hour_s,
    {{ sum_if_all_known('installed * seconds') }} as installed_unit_seconds,
    {{ sum_if_all_known('down * seconds') }} as down_unit_seconds,
    {{ sum_if_all_known('sellable * seconds') }} as sellable_unit_seconds,
    {{ sum_if_all_known('reserved * seconds') }} as reserved_unit_seconds
from shares
group by site_id, compute_class, resource_kind, model, hour_s
having min(from_s) <= hour_s
