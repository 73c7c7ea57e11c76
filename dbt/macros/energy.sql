{# Meters: what several expressions of one model share. #}

{# The meter's value at an instant within the interval (from_us, from_wh) – (to_us, to_wh), interpolated, in Wh. #}
{% macro wh_at(instant_us) -%}
(from_wh + {{ half_up_div(exact_product('to_wh - from_wh', instant_us ~ ' - from_us'), 'to_us - from_us') }})
{%- endmacro %}
