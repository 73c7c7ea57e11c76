-- utilisation_daily by region and every region above it: by compute class and over all classes. A figure that is unknown
-- at one of the sites is unknown in the sum; sites_known says how many tell both what they have and what is held of it.
-- Active and observed are sums over what was watched.
with places as (
    {% for level in range(4) -%}
    select
        level_0.region_id as site_region,
        level_{{ level }}.region_id as region
    from {{ ref('regions') }} as level_0
    {% for above in range(1, level + 1) -%}
    inner join {{ ref('regions') }} as level_{{ above }}
        on level_{{ above - 1 }}.parent = level_{{ above }}.region_id
    {% endfor -%}
    union
    {% endfor -%}
    select
        member.region_id as site_region,
        member.corridor as region
    from {{ ref('regions') }} as member
    where member.corridor is not null
    union
    select
        below.region_id as site_region,
        member.corridor as region
    from {{ ref('regions') }} as below
    inner join {{ ref('regions') }} as member
        on below.parent = member.region_id
    where member.corridor is not null
),

told as (
    select
        *,
        compute_class as told_class
    from {{ ref('utilisation_daily') }}
    where compute_class <> 'all'
    union all
    select
        *,
        'all' as told_class
    from {{ ref('utilisation_daily') }}
),

site_days as (
    select
        places.region,
        told.day,
        told.told_class as compute_class,
        told.resource_kind,
        told.site_id,
        {% for part in ['installed', 'down', 'allocated', 'idle', 'reserved', 'sellable', 'estimated'] -%}
        {{ sum_if_all_known('told.' ~ part ~ '_unit_seconds') }} as {{ part }}_unit_seconds,
        {% endfor -%}
        {{ active_sums('told.') }},
        min({{ quality_rank('told.quality') }}) as quality_rank
    from told
    inner join places
        on told.region = places.site_region
    group by places.region, told.day, told.told_class, told.resource_kind, told.site_id
),

regions as (
    select
        region,
        day,
        compute_class,
        resource_kind,
        {% for part in ['installed', 'down', 'allocated', 'idle', 'reserved', 'sellable', 'estimated'] -%}
        {{ sum_if_all_known(part ~ '_unit_seconds') }} as {{ part }}_unit_seconds,
        {% endfor -%}
        {{ active_sums() }},
        count(*) as sites,
        count(case when idle_unit_seconds is not null then site_id end) as sites_known,
        min(quality_rank) as quality_rank
    from site_days
    group by region, day, compute_class, resource_kind
)

select
    region,
    day,
    compute_class,
    resource_kind,
    installed_unit_seconds,
    down_unit_seconds,
    allocated_unit_seconds,
    idle_unit_seconds,
    active_unit_seconds,
    reserved_unit_seconds,
    sellable_unit_seconds,
    estimated_unit_seconds,
    observed_unit_seconds,
    {{ utilisation_readings() }},
    active_quality,
    sites,
    sites_known,
    case when idle_unit_seconds is not null then 2 * allocated_unit_seconds < installed_unit_seconds end as below_half,
    {{ quality_of_rank('quality_rank') }} as quality
from regions
