{# Control totals of a dataset by source and day, found among its records as known now. #}

{# What the datasets' contracts say of control: the day that a record belongs to, what is summed, which records count.
   dbt does not read contracts: tests/dbt/test_rating_quality.py fails when this says anything else than they do. #}
{% macro control(dataset, entry) -%}
{%- set controls = {
    'facility_readings': {'day': 'read_at', 'sum': 'value', 'filter': 'true'},
    'job_records': {
        'day': 'end_time',
        'sum': 'cpu_cores * elapsed_s',
        'filter': "state not in ('PENDING', 'RUNNING', 'SUSPENDED') and end_time is not null"
    }
} -%}
{{ controls[dataset][entry] }}
{%- endmacro %}

{# What was found of a dataset by `day`, the day fact's own, and by the control day: from `standing`, the records that
   count as known now. #}
{% macro control_totals(dataset) -%}
select
    standing.source_id,
    '{{ dataset }}' as dataset,
    standing.day,
    {{ business_day('standing.' ~ control(dataset, 'day')) }} as control_day,
    count(*) as found,
    sum(cast({{ control(dataset, 'sum') }} as decimal(38, 6))) as found_control_sum
from standing
where {{ control(dataset, 'filter') }}
group by standing.source_id, standing.day, {{ business_day('standing.' ~ control(dataset, 'day')) }}
{%- endmacro %}
