{# Control totals of a dataset by source and day, found among its records as known now: which day a record belongs to,
   what is summed and which records count are said by the dataset's contract, which renders them into the meta of the
   bronze source. #}

{# One entry of the contract: control_day, control_sum or control_filter; none where the contract has none. #}
{% macro control_of(dataset, entry) -%}
{%- if execute -%}
    {%- for node in graph.sources.values() if node.source_name == 'bronze' and node.name == dataset -%}
        {{ return(node.meta.get(entry)) }}
    {%- endfor -%}
{%- endif -%}
{{ return(none) }}
{%- endmacro %}

{# Rows of a day fact: (source_id, dataset, control_day, found, found_control_sum) by `day`, which is the business day
   of the key's timestamp `keyed_at`, so that all versions of a key lie in one day. #}
{% macro control_totals(dataset, key, keyed_at, changed='int_changed_days', rank=none) -%}
{%- set filter = control_of(dataset, 'control_filter') or 'true' -%}
with versions as (
    select
        records.*,
        {{ business_day('records.' ~ keyed_at) }} as day
    from {{ ref('stg_' ~ dataset) }} as records
    where {{ is_changed_day(business_day('records.' ~ keyed_at), changed=changed) }}
),

standing as (
    {{ current_rows('versions', key, rank=rank) }}
)

select
    standing.source_id,
    '{{ dataset }}' as dataset,
    standing.day,
    {{ business_day(control_of(dataset, 'control_day') or keyed_at) }} as control_day,
    count(*) as found,
    sum(cast({{ control_of(dataset, 'control_sum') or '0' }} as decimal(38, 6))) as found_control_sum
from standing
where
    not standing.is_conflict
    and {{ filter }}
group by standing.source_id, standing.day, {{ business_day(control_of(dataset, 'control_day') or keyed_at) }}
{%- endmacro %}
