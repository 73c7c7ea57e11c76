{# Times: stored in UTC, counted in whole epoch seconds; a business day is a day in Asia/Shanghai, which has been
   UTC+8 without daylight saving since 1991. #}

{# TIMESTAMP → BIGINT seconds since 1970-01-01 UTC, floored. #}
{% macro epoch_seconds(timestamp) -%}
{{ adapter.dispatch('epoch_seconds', 'suanzhang')(timestamp) }}
{%- endmacro %}

{% macro duckdb__epoch_seconds(timestamp) -%}
(epoch_us({{ timestamp }}) // 1000000)
{%- endmacro %}

{% macro spark__epoch_seconds(timestamp) -%}
unix_seconds({{ timestamp }})
{%- endmacro %}

{# TIMESTAMP → BIGINT microseconds since 1970-01-01 UTC. #}
{% macro epoch_micros(timestamp) -%}
{{ adapter.dispatch('epoch_micros', 'suanzhang')(timestamp) }}
{%- endmacro %}

{% macro duckdb__epoch_micros(timestamp) -%}
epoch_us({{ timestamp }})
{%- endmacro %}

{% macro spark__epoch_micros(timestamp) -%}
unix_micros({{ timestamp }})
{%- endmacro %}

{# BIGINT epoch seconds → TIMESTAMP (with zone, UTC). #}
{% macro timestamp_of_epoch(seconds) -%}
{{ adapter.dispatch('timestamp_of_epoch', 'suanzhang')(seconds) }}
{%- endmacro %}

{% macro duckdb__timestamp_of_epoch(seconds) -%}
make_timestamptz(cast({{ seconds }} as bigint) * 1000000)
{%- endmacro %}

{% macro spark__timestamp_of_epoch(seconds) -%}
timestamp_seconds({{ seconds }})
{%- endmacro %}

{# BIGINT epoch seconds → DATE of the business day that holds them. #}
{% macro day_of_epoch(seconds) -%}
{{ add_days("date '1970-01-01'", int_div(seconds ~ ' + 28800', '86400')) }}
{%- endmacro %}

{# TIMESTAMP → DATE of its business day. #}
{% macro business_day(timestamp) -%}
{{ day_of_epoch(epoch_seconds(timestamp)) }}
{%- endmacro %}

{# DATE of a business day → BIGINT epoch seconds of its first instant. #}
{% macro epoch_of_day(day) -%}
(cast({{ days_between("date '1970-01-01'", day) }} as bigint) * 86400 - 28800)
{%- endmacro %}

{# DATE → its billing period, YYYY-MM. #}
{% macro period_of_day(day) -%}
substr(cast({{ day }} as string), 1, 7)
{%- endmacro %}

{# DATE + whole days (may be negative) → DATE. #}
{% macro add_days(day, days) -%}
{{ adapter.dispatch('add_days', 'suanzhang')(day, days) }}
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
({{ day }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# Whole days from one DATE to another. #}
{% macro days_between(from_day, to_day) -%}
{{ adapter.dispatch('days_between', 'suanzhang')(from_day, to_day) }}
{%- endmacro %}

{% macro duckdb__days_between(from_day, to_day) -%}
({{ to_day }} - {{ from_day }})
{%- endmacro %}

{% macro spark__days_between(from_day, to_day) -%}
datediff({{ to_day }}, {{ from_day }})
{%- endmacro %}

{# Days of the month that holds a DATE. #}
{% macro days_in_month(day) -%}
(cast({{ days_between(month_start(day), 'last_day(' ~ day ~ ')') }} as int) + 1)
{%- endmacro %}

{# DATE → first day of its month. #}
{% macro month_start(day) -%}
cast({{ period_of_day(day) }} || '-01' as date)
{%- endmacro %}

{# DATE → 0 Monday … 6 Sunday; no day before 1970 is asked for, which began on a Thursday. #}
{% macro day_of_week(day) -%}
((cast({{ days_between("date '1970-01-01'", day) }} as int) + 3) % 7)
{%- endmacro %}

{# Calendar months that begin from one DATE on and before another. #}
{% macro months_between(from_day, to_day) -%}
(
    (year({{ to_day }}) * 12 + month({{ to_day }}) + case when day({{ to_day }}) > 1 then 1 else 0 end)
    - (year({{ from_day }}) * 12 + month({{ from_day }}) + case when day({{ from_day }}) > 1 then 1 else 0 end)
)
{%- endmacro %}
