{# Lists that models share; a test holds the natural keys equal to the contracts'. #}

{% macro job_key() -%}
{{ return(['site_id', 'cluster', 'job_id', 'submit_time', 'restart_no']) }}
{%- endmacro %}

{# Reference datasets by dates of validity, with their natural keys. #}
{% macro reference_keys() -%}
{{ return({
    'capacity_inventory': ['site_id', 'resource_pool', 'model', 'state', 'valid_from'],
    'parties': ['party_id', 'valid_from'],
    'tenants': ['tenant_id', 'valid_from'],
    'tenant_accounts': ['site_id', 'account', 'valid_from'],
    'skus': ['sku_id', 'valid_from'],
    'tariff_rates': ['tariff_id', 'version', 'sku_id', 'band_from', 'window'],
    'revenue_shares': ['share_rule', 'valid_from'],
    'tax_rates': ['tax_category', 'valid_from']
}) }}
{%- endmacro %}
