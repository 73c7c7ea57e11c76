{# Energy: what several columns of one model share. #}

{# A column of the row of a kind of meter, among the rows of an hour. #}
{% macro of_meter_kind(kind, column) -%}
cast(max(case when meter_kind = '{{ kind }}' then {{ column }} end) as bigint)
{%- endmacro %}

{# Σ of a column over a day's hours; NULL where it is unknown in one of them. #}
{% macro of_whole_day(column) -%}
cast(case when count({{ column }}) = 24 then sum({{ column }}) end as bigint)
{%- endmacro %}
