-- The rows of all dated reference datasets, effective or not, by dataset and natural key, each with the first business
-- day that it holds for.
{{ config(materialized='view') }}
{% for dataset in reference_datasets() -%}
select
    '{{ dataset }}' as dataset,
    {{ reference_key_text(dataset) }} as record_key,
    {{ reference_day(dataset) }} as first_day,
    source_id,
    {{ 'site_id' if 'site_id' in natural_keys()[dataset] else 'cast(null as string)' }} as site_id,
    record_hash,
    landing_id,
    landing_row,
    received_at
from {{ source('bronze', dataset) }}
{{ 'union all' if not loop.last }}
{% endfor -%}
