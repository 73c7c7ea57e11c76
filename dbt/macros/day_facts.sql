{# Incremental facts by business day: a run replaces the days in int_changed_days (all days when the build is a full
   refresh) and leaves the others as they are. A model says

       {{ day_fact() }}                                     at its head, with a `day` column among its columns, and
       where {{ is_changed_day('some_day_expression') }}    over every large input.

   A day that became empty vanishes, because its rows are removed before the new ones are written. #}

{% macro day_fact(day='day', changed='int_changed_days') -%}
{{ config(
    materialized='incremental',
    incremental_strategy=var('day_fact_strategy')[target.type],
    on_schema_change='fail',
    partition_by=[day],
    pre_hook="{{ remove_changed_days('" ~ day ~ "', '" ~ changed ~ "') }}"
) }}
-- depends_on: {{ ref(changed) }}
{%- endmacro %}

{# True for rows of the days that this run must compute: all of them when the fact is built anew. #}
{% macro is_changed_day(day, changed='int_changed_days') -%}
{%- if is_incremental() -%}
(
    {{ day }} in (select changed_days.day from {{ ref(changed) }} as changed_days)
    or (select build.full_refresh from {{ source('inputs', 'build') }} as build)
)
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{% macro remove_changed_days(day, changed) -%}
{%- if is_incremental() -%}
{{ adapter.dispatch('remove_changed_days', 'suanzhang')(day, changed) }}
{%- endif -%}
{%- endmacro %}

{% macro duckdb__remove_changed_days(day, changed) -%}
delete from {{ this }} where {{ is_changed_day(day, changed) }}
{%- endmacro %}

{# Parquet tables know no delete: the partitions of the changed days are dropped. #}
{% macro spark__remove_changed_days(day, changed) -%}
{%- set days = run_query('select distinct ' ~ day ~ ' from ' ~ this ~ ' where ' ~ is_changed_day(day, changed)) -%}
{%- if days and days.rows | length -%}
alter table {{ this }} drop if exists
{%- for row in days.rows %} partition ({{ day }} = date '{{ row[0] }}'){{ ',' if not loop.last }}{% endfor -%}
{%- endif -%}
{%- endmacro %}
