{# Generated from data_contracts/ by `suanzhang contracts render`; do not edit. #}

{% macro natural_keys() -%}
{{ return({
    'capacity_inventory': ['site_id', 'resource_pool', 'model', 'state', 'valid_from'],
    'cloud_charges': ['provider', 'billing_account', 'billing_period', 'line_id', 'line_ordinal'],
    'facility_readings': ['site_id', 'meter_id', 'read_at'],
    'feed_totals': ['dataset', 'day'],
    'job_records': ['site_id', 'cluster', 'job_id', 'submit_time', 'restart_no'],
    'parties': ['party_id', 'valid_from'],
    'revenue_shares': ['share_rule', 'valid_from'],
    'skus': ['sku_id', 'valid_from'],
    'tariff_rates': ['tariff_id', 'version', 'sku_id', 'band_from', 'window'],
    'tax_rates': ['tax_category', 'valid_from'],
    'tenant_accounts': ['site_id', 'account', 'valid_from'],
    'tenants': ['tenant_id', 'valid_from']
}) }}
{%- endmacro %}

{% macro controls() -%}
{{ return({
    'facility_readings': {'day': 'read_at', 'sum': 'value', 'filter': 'true'},
    'job_records': {'day': 'end_time', 'sum': 'cpu_cores * elapsed_s', 'filter': "state not in ('PENDING', 'RUNNING', 'SUSPENDED') and end_time is not null"}
}) }}
{%- endmacro %}
