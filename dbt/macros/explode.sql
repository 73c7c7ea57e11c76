{# Rows from ranges. Each is a whole select item: `select a, {{ explode_days('first', 'last') }} as day from t`.
   Both ends belong to the range, and the first must not be after the last (Spark would count down). #}

{# BIGINT a..b → one row per integer. #}
{% macro explode_integers(first, last) -%}
{{ adapter.dispatch('explode_integers', 'suanzhang')(first, last) }}
{%- endmacro %}

{% macro duckdb__explode_integers(first, last) -%}
unnest(range(cast({{ first }} as bigint), cast({{ last }} as bigint) + 1))
{%- endmacro %}

{% macro spark__explode_integers(first, last) -%}
explode(sequence(cast({{ first }} as bigint), cast({{ last }} as bigint)))
{%- endmacro %}

{# DATE a..b → one row per day. #}
{% macro explode_days(first, last) -%}
{{ adapter.dispatch('explode_days', 'suanzhang')(first, last) }}
{%- endmacro %}

{% macro duckdb__explode_days(first, last) -%}
{{ first }} + cast(unnest(range(0, {{ last }} - {{ first }} + 1)) as integer)
{%- endmacro %}

{% macro spark__explode_days(first, last) -%}
explode(sequence({{ first }}, {{ last }}, interval 1 day))
{%- endmacro %}

{# Text with commas → one row per part. #}
{% macro explode_parts(text) -%}
{{ adapter.dispatch('explode_parts', 'suanzhang')(text) }}
{%- endmacro %}

{% macro duckdb__explode_parts(text) -%}
unnest(string_split({{ text }}, ','))
{%- endmacro %}

{% macro spark__explode_parts(text) -%}
explode(split({{ text }}, ','))
{%- endmacro %}
