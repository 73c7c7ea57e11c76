-- Every ordered pair of sites that a latency circle covers, by business day and basis, on the days on which anything
-- was probed: what was measured, how much of it lies within the circle, and whether the circle was met. It is met where
-- the 95th percentile is within it and no more packets are lost than the circle allows.
{{ day_fact(changed='int_changed_probe_days') }}
{%- set pair = ['from_site_id', 'to_site_id', 'circle_id'] %}
{%- set key = pair + ['day', 'basis'] %}
with places as (
    select
        sites.site_id,
        sites.region as region_id
    from {{ source('inputs', 'sites') }} as sites
    union all
    select
        sites.site_id,
        regions.parent as region_id
    from {{ source('inputs', 'sites') }} as sites
    inner join {{ ref('regions') }} as regions
        on sites.region = regions.region_id
    union all
    select
        sites.site_id,
        parents.parent as region_id
    from {{ source('inputs', 'sites') }} as sites
    inner join {{ ref('regions') }} as regions
        on sites.region = regions.region_id
    inner join {{ ref('regions') }} as parents
        on regions.parent = parents.region_id
),

-- a circle holds in both directions
directions as (
    select
        circle_id,
        from_region,
        to_region
    from {{ ref('latency_circles') }}
    union
    select
        circle_id,
        to_region as from_region,
        from_region as to_region
    from {{ ref('latency_circles') }}
),

pairs as (
    select distinct
        from_places.site_id as from_site_id,
        to_places.site_id as to_site_id,
        directions.circle_id
    from directions
    inner join places as from_places
        on directions.from_region = from_places.region_id
    inner join places as to_places
        on directions.to_region = to_places.region_id
    where from_places.site_id <> to_places.site_id
),

probed as (
    select *
    from {{ ref('int_probes') }}
    where {{ is_changed_day('day', changed='int_changed_probe_days') }}
),

results as (
    select
        pairs.circle_id,
        probed.*,
        circles.circle_ms * 1000 as circle_us,
        circles.light_us
    from probed
    inner join pairs
        on
            probed.from_site_id = pairs.from_site_id
            and probed.to_site_id = pairs.to_site_id
    inner join {{ ref('latency_circles') }} as circles
        on pairs.circle_id = circles.circle_id
    where not probed.is_conflict
),

placed as (
    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}, latency_us is null
            order by latency_us
        ) as place,
        count(latency_us) over (partition by {{ key | join(', ') }}) as measured,
        abs(latency_us - lag(latency_us) over (
            partition by {{ key | join(', ') }}, probe_id, target, latency_us is null
            order by probed_us
        )) as step_us
    from results
),

figures as (
    select
        {{ key | join(',\n        ') }},
        count(*) as probes,
        count(latency_us) as measured,
        cast(sum(case when received = 0 then 1 else 0 end) as bigint) as lost_probes,
        cast(sum(sent) as bigint) as sent,
        cast(sum(received) as bigint) as received,
        {% for percent in [50, 95, 99] -%}
        {{ at_nearest_rank('latency_us', percent, 'place', 'measured') }} as p{{ percent }}_us,
        {% endfor -%}
        {{ half_up_div('sum(stated_jitter_ns)', 'nullif(sum(case when stated_jitter_ns is not null then ways end), 0) * 1000') }}
            as stated_jitter_us,
        {{ half_up_div('sum(step_us)', 'nullif(count(step_us), 0)') }} as step_jitter_us,
        cast(sum(case when latency_us <= circle_us then 1 else 0 end) as bigint) as within,
        cast(sum(case when latency_us < light_us then 1 else 0 end) as bigint) as too_fast
    from placed
    group by {{ key | join(', ') }}
),

contradicted as (
    select distinct
        {% for column in pair -%}
        pairs.{{ column }},
        {% endfor -%}
        probed.day,
        probed.basis
    from probed
    inner join pairs
        on
            probed.from_site_id = pairs.from_site_id
            and probed.to_site_id = pairs.to_site_id
    where probed.is_conflict
),

-- what there is a row of: the pairs that were probed, and the others on the same days
told as (
    select {{ key | join(', ') }}
    from figures
    union
    select {{ key | join(', ') }}
    from contradicted
),

days as (
    select distinct day
    from probed
),

expected as (
    select {{ key | join(', ') }}
    from told
    union all
    select
        {% for column in pair -%}
        pairs.{{ column }},
        {% endfor -%}
        days.day,
        'not_probed' as basis
    from pairs
    cross join days
    left join told
        on
            pairs.from_site_id = told.from_site_id
            and pairs.to_site_id = told.to_site_id
            and pairs.circle_id = told.circle_id
            and days.day = told.day
    where told.circle_id is null
),

judged as (
    select
        {% for column in key -%}
        expected.{{ column }},
        {% endfor -%}
        circles.circle_ms,
        coalesce(figures.probes, 0) as probes,
        coalesce(figures.measured, 0) as measured,
        coalesce(figures.lost_probes, 0) as lost_probes,
        coalesce(figures.sent, 0) as sent,
        coalesce(figures.received, 0) as received,
        figures.p50_us,
        figures.p95_us,
        figures.p99_us,
        coalesce(figures.stated_jitter_us, figures.step_jitter_us) as jitter_us,
        case
            when figures.stated_jitter_us is not null then 'stated'
            when figures.step_jitter_us is not null then 'differences'
        end as jitter_basis,
        coalesce(figures.within, 0) as within,
        coalesce(figures.too_fast, 0) as too_fast,
        circles.max_lost_ppm,
        contradicted.day is not null as has_conflict,
        case
            when expected.basis = 'not_probed' then 'not_probed'
            when figures.too_fast > 0 then 'faster_than_light'
            when coalesce(figures.measured + figures.lost_probes, 0) < circles.least_probes then 'too_few'
        end as undecided
    from expected
    inner join {{ ref('latency_circles') }} as circles
        on expected.circle_id = circles.circle_id
    left join figures
        on {{ columns_equal(key, 'expected', 'figures') }}
    left join contradicted
        on {{ columns_equal(key, 'expected', 'contradicted') }}
)

select
    from_site_id,
    to_site_id,
    day,
    circle_id,
    basis,
    circle_ms,
    probes,
    measured,
    lost_probes,
    sent,
    received,
    {{ share_of('(sent - received)', 'sent') }} as lost_share,
    {% for figure in ['p50', 'p95', 'p99', 'jitter'] -%}
    {{ figure }}_us,
    cast({{ figure }}_us as double) / 1000 as {{ figure }}_ms,
    {% endfor -%}
    jitter_basis,
    within,
    {{ share_of('within', '(measured + lost_probes)') }} as within_share,
    too_fast,
    case
        when undecided is not null then null
        when {{ exact_product('sent - received', '1000000') }} > {{ exact_product('sent', 'max_lost_ppm') }} then false
        else p95_us <= circle_ms * 1000
    end as met,
    undecided,
    case
        when has_conflict then 'conflict'
        when undecided is not null then undecided
        when measured + lost_probes < probes then 'incomplete'
        when basis = 'round_trip_half' then 'estimated'
        else 'measured'
    end as quality
from judged
