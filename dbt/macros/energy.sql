{# Energy: what several columns of one model share. #}

{# A column of the row of a kind of meter, among the rows of an hour. #}
{% macro of_meter_kind(kind, column) -%}
cast(max(case when meter_kind = '{{ kind }}' then {{ column }} end) as bigint)
{%- endmacro %}

{# Σ of a column over a day's hours; NULL where it is unknown in one of them. #}
{% macro of_whole_day(column) -%}
cast(case when count({{ column }}) = 24 then sum({{ column }}) end as bigint)
{%- endmacro %}

{# Of an hour of int_energy_hours: renewable energy of the site's own meters, no more than the facility used; 0 where it
   has no such meters, NULL where either is unknown. #}
{% macro own_renewable(hours) -%}
case
    when not {{ hours }}.renewable_metered then 0
    when {{ hours }}.renewable_wh > {{ hours }}.facility_wh then {{ hours }}.facility_wh
    when {{ hours }}.facility_wh is not null then {{ hours }}.renewable_wh
end
{%- endmacro %}
