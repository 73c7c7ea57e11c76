-- What the network's published figures say of each indicator of a target, place by place, now and 30 days before, as a
-- numerator and a denominator. A place is a site, or a region with the sites in it and in its parts. Rates are over the
-- last 30 business days of the network, stocks at its last. Where idle is not known, neither is what was allocated: it is
-- the known part of it.
with sites as (
    select
        site_id,
        region,
        kind
    from {{ source('inputs', 'sites') }}
),

region_chain as (
    select
        region_id,
        region_id as place
    from {{ ref('regions') }}
    union
    select
        region_id,
        parent as place
    from {{ ref('regions') }}
    where parent is not null
    union
    select
        children.region_id,
        parents.parent as place
    from {{ ref('regions') }} as children
    inner join {{ ref('regions') }} as parents
        on children.parent = parents.region_id
    where parents.parent is not null
),

places as (
    select
        'site' as scope_kind,
        site_id as scope_id,
        region,
        site_id,
        kind
    from sites
    union all
    select
        'region' as scope_kind,
        region_chain.place as scope_id,
        region_chain.place as region,
        sites.site_id,
        sites.kind
    from sites
    inner join region_chain
        on sites.region = region_chain.region_id
),

periods as (
    select 0 as back
    union all
    select 30 as back
),

last_days as (
    select max(day) as last_day
    from {{ ref('utilisation_daily') }}
),

last_statements as (
    select max(as_of) as last_day
    from {{ ref('capacity_statement') }}
),

indicators as (
    select 'utilisation' as indicator
    union all
    select 'supercomputer_utilisation' as indicator
),

rates as (
    select
        indicators.indicator,
        places.scope_kind,
        places.scope_id,
        used.resource_kind,
        periods.back,
        min(used.day) as period_from,
        max(used.day) as as_of,
        count(distinct used.day) as days,
        count(distinct used.site_id) as sites_counted,
        {{ sum_if_all_known('case when used.idle_unit_seconds is not null then used.allocated_unit_seconds end') }}
            as numerator,
        {{ sum_if_all_known('used.installed_unit_seconds') }} as denominator,
        {{ sum_if_all_known('used.estimated_unit_seconds') }} as estimated
    from places
    inner join {{ ref('utilisation_daily') }} as used
        on places.site_id = used.site_id
    cross join last_days
    cross join periods
    cross join indicators
    where
        used.day > {{ add_days('last_days.last_day', '-periods.back - 30') }}
        and used.day <= {{ add_days('last_days.last_day', '-periods.back') }}
        and (indicators.indicator = 'utilisation' or used.compute_class = 'super')
    group by indicators.indicator, places.scope_kind, places.scope_id, used.resource_kind, periods.back
),

-- GFLOPS are whole numbers: what the statement says in PFLOPS came from them
site_stocks as (
    select
        stated.site_id,
        stated.as_of,
        periods.back,
        max(case when stated.compute_class = 'intelligent' and stated.precision = 'fp16' then 1 else 0 end) as has_ai,
        max(
            case
                when stated.compute_class = 'intelligent' and stated.precision = 'fp16'
                    then cast(round(stated.pflops * 1000000) as bigint)
            end
        ) as ai_gflops,
        max(stated.racks_installed) as racks_installed,
        max(stated.racks_occupied) as racks_occupied
    from {{ ref('capacity_statement') }} as stated
    cross join periods
    cross join last_statements
    where stated.as_of = {{ add_days('last_statements.last_day', '-periods.back') }}
    group by stated.site_id, stated.as_of, periods.back
),

place_stocks as (
    select
        places.scope_kind,
        places.scope_id,
        stocks.back,
        stocks.as_of,
        count(*) as sites_counted,
        count(stocks.racks_installed) as rack_sites,
        cast(sum(stocks.racks_installed) as bigint) as racks_installed,
        {{ sum_if_all_known('case when stocks.racks_installed is null then 0 else stocks.racks_occupied end') }}
            as racks_occupied,
        bool_or(stocks.has_ai = 1 and stocks.ai_gflops is null) as is_peak_unknown,
        cast(sum(coalesce(stocks.ai_gflops, 0)) as bigint) as ai_gflops,
        cast(sum(case when stocks.ai_gflops >= 1000000000 then 1 else 0 end) as bigint) as large_centres
    from places
    inner join site_stocks as stocks
        on places.site_id = stocks.site_id
    group by places.scope_kind, places.scope_id, stocks.back, stocks.as_of
),

stocks as (
    select
        'ai_compute' as indicator,
        scope_kind,
        scope_id,
        back,
        as_of,
        sites_counted,
        case when not is_peak_unknown then ai_gflops end as numerator,
        cast(1000000 as bigint) as denominator
    from place_stocks
    union all
    select
        'large_centres' as indicator,
        scope_kind,
        scope_id,
        back,
        as_of,
        sites_counted,
        case when not is_peak_unknown then large_centres end as numerator,
        cast(1 as bigint) as denominator
    from place_stocks
    union all
    select
        'standard_racks' as indicator,
        scope_kind,
        scope_id,
        back,
        as_of,
        rack_sites as sites_counted,
        racks_installed as numerator,
        cast(1 as bigint) as denominator
    from place_stocks
    union all
    select
        'rack_utilisation' as indicator,
        scope_kind,
        scope_id,
        back,
        as_of,
        rack_sites as sites_counted,
        racks_occupied as numerator,
        racks_installed as denominator
    from place_stocks
),

figures as (
    select
        indicator,
        scope_kind,
        scope_id,
        resource_kind,
        back,
        period_from,
        as_of,
        days,
        sites_counted,
        numerator,
        denominator,
        estimated
    from rates
    where back = 0 or days = 30
    union all
    select
        indicator,
        scope_kind,
        scope_id,
        cast(null as string) as resource_kind,
        back,
        cast(null as date) as period_from,
        as_of,
        cast(null as bigint) as days,
        sites_counted,
        numerator,
        denominator,
        cast(null as bigint) as estimated
    from stocks
    union all
    select
        'data_centres' as indicator,
        scope_kind,
        scope_id,
        cast(null as string) as resource_kind,
        0 as back,
        cast(null as date) as period_from,
        cast(null as date) as as_of,
        cast(null as bigint) as days,
        count(*) as sites_counted,
        cast(sum(case when kind <> 'public_cloud' then 1 else 0 end) as bigint) as numerator,
        cast(1 as bigint) as denominator,
        cast(null as bigint) as estimated
    from places
    group by scope_kind, scope_id
),

decided as (
    select
        circle_id,
        max(day) as last_day
    from {{ ref('latency_circles_daily') }}
    where met is not null
    group by circle_id
),

-- the worst pair of the last day on which anything could be decided of a circle, and of the day 30 days before
circle_days as (
    select
        latencies.circle_id,
        periods.back,
        latencies.day as as_of,
        max(latencies.p95_us) as p95_us,
        count(distinct latencies.from_site_id) as sites_counted,
        bool_and(latencies.met) as met
    from {{ ref('latency_circles_daily') }} as latencies
    inner join decided
        on latencies.circle_id = decided.circle_id
    cross join periods
    where
        latencies.met is not null
        and latencies.day = {{ add_days('decided.last_day', '-periods.back') }}
    group by latencies.circle_id, periods.back, latencies.day
),

sizes as (
    select
        scope_kind,
        scope_id,
        min(region) as region,
        count(*) as sites
    from places
    group by scope_kind, scope_id
)

select
    sizes.scope_kind,
    sizes.scope_id,
    sizes.region,
    sizes.sites,
    now.indicator,
    now.resource_kind,
    now.period_from,
    now.as_of,
    now.days,
    now.sites_counted,
    now.numerator,
    now.denominator,
    now.estimated,
    before.numerator as numerator_before,
    before.denominator as denominator_before,
    cast(null as boolean) as met
from sizes
left join figures as now
    on
        sizes.scope_kind = now.scope_kind
        and sizes.scope_id = now.scope_id
        and now.back = 0
left join figures as before
    on
        now.indicator = before.indicator
        and now.scope_kind = before.scope_kind
        and now.scope_id = before.scope_id
        and coalesce(now.resource_kind, '') = coalesce(before.resource_kind, '')
        and before.back = 30
union all
select
    'circle' as scope_kind,
    circles.circle_id as scope_id,
    circles.from_region as region,
    now.sites_counted as sites,
    'latency' as indicator,
    cast(null as string) as resource_kind,
    cast(null as date) as period_from,
    now.as_of,
    cast(null as bigint) as days,
    now.sites_counted,
    now.p95_us as numerator,
    cast(1000 as bigint) as denominator,
    cast(null as bigint) as estimated,
    before.p95_us as numerator_before,
    cast(1000 as bigint) as denominator_before,
    now.met
from {{ ref('latency_circles') }} as circles
inner join circle_days as now
    on
        circles.circle_id = now.circle_id
        and now.back = 0
left join circle_days as before
    on
        circles.circle_id = before.circle_id
        and before.back = 30
