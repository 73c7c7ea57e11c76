{# Percentiles by nearest rank: the value at place ceil(p × n) of n values in order. No interpolation: it is one of them. #}

{# The place of the percentile (a whole number of percent) among `count` values; BIGINT. #}
{% macro nearest_rank(percent, count) -%}
{{ int_div(percent ~ ' * ' ~ count ~ ' + 99', '100') }}
{%- endmacro %}

{# The percentile as an aggregate over rows that carry their place and the number of values; NULL without values. #}
{% macro at_nearest_rank(value, percent, place, count) -%}
max(case when {{ place }} = {{ nearest_rank(percent, count) }} then {{ value }} end)
{%- endmacro %}

{# The same over one row per value, where that takes fewer rows: `reached` says how many of the `count` values are no
   greater. #}
{% macro at_reached_rank(value, percent, reached, count) -%}
min(case when {{ reached }} >= {{ nearest_rank(percent, count) }} then {{ value }} end)
{%- endmacro %}
