-- What was found of each dataset per source and control day, as its contract counts; jobs, whose control day is no part
-- of their key, have a model of their own.
{{ day_fact(changed='int_changed_control_days') }}
with
{% for dataset in datasets_by_control_day() -%}
{%- set day = business_day('records.' ~ controls()[dataset]['day']) -%}
versions_of_{{ dataset }} as (
    select
        records.*,
        {{ day }} as day,
        {{ standing_rank(dataset) }} as standing_rank
    from {{ ref('stg_' ~ dataset) }} as records
    where {{ is_changed_day(day, changed='int_changed_control_days') }}
),

standing_{{ dataset }} as (
    select *
    from (
        {{ current_rows('versions_of_' ~ dataset, natural_keys()[dataset], rank='standing_rank') }}
    ) as revisions
    where not is_conflict
){{ ',' if not loop.last }}

{% endfor -%}
{% for dataset in datasets_by_control_day() -%}
{{ control_totals(dataset, standing='standing_' ~ dataset) }}
{{ 'union all' if not loop.last }}
{% endfor -%}
