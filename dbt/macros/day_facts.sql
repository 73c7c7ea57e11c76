{# Incremental facts by business day: a run replaces the days that changed and leaves the others as they are. A model says

       {{ day_fact() }}                                  at its head; it has a column `day`
       where {{ is_changed_day('an_expression') }}       over its rows

   A day that became empty vanishes, because its rows are removed before the new ones are written.
   `changed` names the model whose column `day` lists the days to replace. #}

{% macro day_fact(changed='int_changed_days') -%}
{{ config(
    materialized='incremental',
    incremental_strategy=var('day_fact_strategy')[target.type],
    on_schema_change='fail',
    partition_by=['day'],
    pre_hook="{{ remove_changed_days('" ~ changed ~ "') }}"
) }}
-- depends_on: {{ ref(changed) }}
{%- endmacro %}

{# True for the days that this run must compute: all of them where the fact is built anew. #}
{% macro is_changed_day(day, changed='int_changed_days') -%}
{%- if is_incremental() -%}
{{ day }} in (select changed_days.day from {{ ref(changed) }} as changed_days)
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{# True for spans of days that may touch a changed one: a cheap filter before spans are exploded into days. #}
{% macro may_touch_changed_days(first_day, last_day) -%}
{%- if is_incremental() -%}
{{ last_day }} >= (select min(changed_days.day) from {{ ref('int_changed_days') }} as changed_days)
and {{ first_day }} <= (select max(changed_days.day) from {{ ref('int_changed_days') }} as changed_days)
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{% macro remove_changed_days(changed) -%}
{%- if is_incremental() -%}
{{ adapter.dispatch('remove_changed_days', 'suanzhang')(changed) }}
{%- endif -%}
{%- endmacro %}

{% macro duckdb__remove_changed_days(changed) -%}
delete from {{ this }} where {{ is_changed_day('day', changed) }}
{%- endmacro %}

{# Parquet tables know no delete: the partitions of the changed days are dropped. #}
{% macro spark__remove_changed_days(changed) -%}
{%- set days = run_query('select distinct day from ' ~ this ~ ' where ' ~ is_changed_day('day', changed)) -%}
{%- if days and days.rows | length -%}
alter table {{ this }} drop if exists
{%- for row in days.rows %} partition (day = date '{{ row[0] }}'){{ ',' if not loop.last }}{% endfor -%}
{%- endif -%}
{%- endmacro %}

{# True for the changed days and the days before and after each: where neighbours bear on a day. #}
{% macro is_beside_changed_day(day, changed='int_changed_days') -%}
{%- if is_incremental() -%}
{{ day }} in (
    select changed_days.day from {{ ref(changed) }} as changed_days
    union
    select {{ add_days('changed_days.day', -1) }} from {{ ref(changed) }} as changed_days
    union
    select {{ add_days('changed_days.day', 1) }} from {{ ref(changed) }} as changed_days
)
{%- else -%}
true
{%- endif -%}
{%- endmacro %}
