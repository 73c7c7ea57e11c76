{# What is known about a figure of utilisation, from worst to best, and the worst of several. #}

{% macro utilisation_qualities() -%}
{{ return(['conflict', 'over_allocated', 'usage_unknown', 'capacity_unknown', 'estimated', 'open', 'measured']) }}
{%- endmacro %}

{# A quality's place, 0 the worst. #}
{% macro quality_rank(quality) -%}
case {{ quality }}{% for name in utilisation_qualities() %} when '{{ name }}' then {{ loop.index0 }}{% endfor %} end
{%- endmacro %}

{# The quality at a place. #}
{% macro quality_of_rank(place) -%}
case {{ place }}{% for name in utilisation_qualities() %} when {{ loop.index0 }} then '{{ name }}'{% endfor %} end
{%- endmacro %}
