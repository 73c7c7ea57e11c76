-- What jobs waited before they started, by site, business day of the start and compute class. The expansion factor of an
-- ended job is (wait + run) ÷ run, with a run below ten seconds taken as ten and a factor below one as one.
{{ day_fact(changed='int_changed_start_days') }}
{%- set key = 'site_id, day, compute_class' %}
with started as (
    select
        {{ key }},
        is_conflict,
        is_from_submit,
        case when wait_s >= 0 then wait_s end as known_wait_s,
        case
            when wait_s >= 0 and run_s is not null
                then greatest(
                    {{ half_up_div('(wait_s + run_s) * 1000', 'greatest(run_s, 10)') }},
                    cast(1000 as bigint)
                )
        end as expansion_milli
    from {{ ref('int_started_jobs') }}
    where {{ is_changed_day('day', changed='int_changed_start_days') }}
),

-- values repeat: they are counted before they are put in order
{% set measures = ['known_wait_s', 'expansion_milli'] -%}
{% for measure in measures -%}
reached_{{ measure }} as (
    select
        {{ key }},
        {{ measure }},
        cast(sum(count(*)) over (partition by {{ key }} order by {{ measure }}) as bigint) as reached,
        cast(sum(count(*)) over (partition by {{ key }}) as bigint) as jobs
    from started
    where
        not is_conflict
        and {{ measure }} is not null
    group by {{ key }}, {{ measure }}
),

ranked_{{ measure }} as (
    select
        {{ key }},
        {{ at_reached_rank(measure, 50, 'reached', 'jobs') }} as p50,
        {{ at_reached_rank(measure, 95, 'reached', 'jobs') }} as p95
    from reached_{{ measure }}
    group by {{ key }}
),

{% endfor -%}
counted as (
    select
        {{ key }},
        count(*) as jobs,
        count(known_wait_s) as waits,
        cast(sum(case when is_from_submit then 1 else 0 end) as bigint) as from_submit,
        count(*) - count(known_wait_s) as contradictory,
        {{ half_up_div('sum(known_wait_s)', 'nullif(count(known_wait_s), 0)') }} as wait_mean_s,
        count(expansion_milli) as ended,
        {{ half_up_div('sum(expansion_milli)', 'nullif(count(expansion_milli), 0)') }} as expansion_mean_milli
    from started
    where not is_conflict
    group by {{ key }}
),

figures as (
    select
        counted.*,
        waits.p50 as wait_p50_s,
        waits.p95 as wait_p95_s,
        expansions.p50 as expansion_p50_milli,
        expansions.p95 as expansion_p95_milli
    from counted
    left join ranked_known_wait_s as waits
        on
            counted.site_id = waits.site_id
            and counted.day = waits.day
            and counted.compute_class = waits.compute_class
    left join ranked_expansion_milli as expansions
        on
            counted.site_id = expansions.site_id
            and counted.day = expansions.day
            and counted.compute_class = expansions.compute_class
),

contradicted as (
    select distinct {{ key }}
    from started
    where is_conflict
),

told as (
    select
        {% for column in ['site_id', 'day', 'compute_class'] -%}
        coalesce(figures.{{ column }}, contradicted.{{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in ['jobs', 'waits', 'from_submit', 'contradictory', 'ended'] -%}
        coalesce(figures.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        figures.wait_p50_s,
        figures.wait_p95_s,
        figures.wait_mean_s,
        figures.expansion_p50_milli,
        figures.expansion_p95_milli,
        figures.expansion_mean_milli,
        contradicted.day is not null as has_conflict
    from figures
    full outer join contradicted
        on
            figures.site_id = contradicted.site_id
            and figures.day = contradicted.day
            and figures.compute_class = contradicted.compute_class
)

select
    told.site_id,
    sites.region,
    told.day,
    told.compute_class,
    told.jobs,
    told.waits,
    told.from_submit,
    told.contradictory,
    told.wait_p50_s,
    told.wait_p95_s,
    told.wait_mean_s,
    told.ended,
    told.expansion_p50_milli,
    told.expansion_p95_milli,
    told.expansion_mean_milli,
    cast(told.expansion_mean_milli as double) / 1000 as expansion_factor,
    case
        when told.has_conflict then 'conflict'
        when told.contradictory > 0 then 'contradictory'
        when horizon.watermark_s < {{ epoch_of_day('told.day') }} + 86400 then 'open'
        when told.from_submit > 0 then 'estimated'
        else 'measured'
    end as quality
from told
left join {{ source('inputs', 'sites') }} as sites
    on told.site_id = sites.site_id
left join {{ ref('int_feed_horizon') }} as horizon
    on
        sites.source_id = horizon.source_id
        and horizon.layer = 'job'
