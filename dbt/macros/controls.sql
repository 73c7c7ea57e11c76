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

{# Rows of a day fact: (source_id, dataset, control_day, found, found_control_sum) by `day`, which is the business day
   of the key's timestamp `keyed_at`, so that all versions of a key lie in one day; `rank` orders a key's states. #}
{% macro control_totals(dataset, key, keyed_at, changed='int_changed_days', rank=none) -%}
with versions as (
    select
        records.*,
        {{ business_day('records.' ~ keyed_at) }} as day,
        {{ rank or '0' }} as state_rank
    from {{ ref('stg_' ~ dataset) }} as records
    where {{ is_changed_day(business_day('records.' ~ keyed_at), changed=changed) }}
),

standing as (
    {{ current_rows('versions', key, rank='state_rank') }}
)

select
    standing.source_id,
    '{{ dataset }}' as dataset,
    standing.day,
    {{ business_day('standing.' ~ control(dataset, 'day')) }} as control_day,
    count(*) as found,
    sum(cast({{ control(dataset, 'sum') }} as decimal(38, 6))) as found_control_sum
from standing
where
    not standing.is_conflict
    and {{ control(dataset, 'filter') }}
group by standing.source_id, standing.day, {{ business_day('standing.' ~ control(dataset, 'day')) }}
{%- endmacro %}
