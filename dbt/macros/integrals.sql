{# Steps integrated over hours in closed form, in whole unit-seconds. A step is a change of units at an instant; it counts
   by its seconds to its hour's end, and whole in every later hour. #}

{# Σ over the steps of one hour: units, and unit-seconds within the hour. `at_s` is the step's instant. #}
{% macro step_sums(units, at_s) -%}
sum({{ units }}) as {{ units }},
sum({{ units }} * (3600 - {{ at_s }} % 3600)) as {{ units }}_seconds
{%- endmacro %}

{# The integral over each hour, from step_sums that were left joined to all hours of a key, as BIGINT. #}
{% macro hour_integral(units, key, hour) -%}
cast(
    coalesce({{ units }}_seconds, 0) + 3600 * coalesce(sum({{ units }}) over (
        partition by {{ key | join(', ') }}
        order by {{ hour }}
        rows between unbounded preceding and 1 preceding
    ), 0) as bigint
)
{%- endmacro %}
