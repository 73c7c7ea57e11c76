{# Control totals of a dataset by source and day, found among its records as known now. #}

{# What was found of a dataset by `day`, the day fact's own, and by the control day: from `standing`, the records that
   count as known now. What a dataset's contract says of control is in `controls`. #}
{% macro control_totals(dataset) -%}
{%- set control = controls()[dataset] -%}
select
    standing.source_id,
    '{{ dataset }}' as dataset,
    standing.day,
    {{ business_day('standing.' ~ control['day']) }} as control_day,
    count(*) as found,
    sum(cast({{ control['sum'] }} as decimal(38, 6))) as found_control_sum
from standing
where {{ control['filter'] }}
group by standing.source_id, standing.day, {{ business_day('standing.' ~ control['day']) }}
{%- endmacro %}
