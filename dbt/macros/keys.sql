{# The datasets by dates of validity: each of their rows holds until the next of its key. #}
{% macro reference_datasets() -%}
{{ return([
    'capacity_inventory',
    'parties',
    'tenants',
    'tenant_accounts',
    'skus',
    'tariff_rates',
    'tariff_multipliers',
    'service_contracts',
    'vouchers',
    'revenue_shares',
    'resale_rules',
    'tax_rates'
]) }}
{%- endmacro %}
