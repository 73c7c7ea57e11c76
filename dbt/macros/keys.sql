{# Natural keys and state ranks that several models share. #}

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

{# The business day from which a row of a dated reference dataset holds. #}
{% macro reference_day(dataset) -%}
{{ business_day('valid_from') if dataset == 'capacity_inventory' else 'valid_from' }}
{%- endmacro %}

{# Slurm's words for a job's state → 0 pending, 1 running, 2 ended. #}
{% macro job_state_rank(state) -%}
case when {{ state }} = 'PENDING' then 0 when {{ state }} in ('RUNNING', 'SUSPENDED') then 1 else 2 end
{%- endmacro %}

{# Column names as a list in SQL, quoted for the engine, each behind `prefix` if given: `window` is one of them. #}
{% macro columns_sql(columns, prefix='') -%}
{%- for column in columns -%}
{{ prefix }}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# Equality of two relations in all of the columns, none of which is NULL. #}
{% macro columns_equal(columns, left, right) -%}
{%- for column in columns -%}
{{ left }}.{{ adapter.quote(column) }} = {{ right }}.{{ adapter.quote(column) }}{{ ' and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# The columns of int_capacity_steps that integrate over time. #}
{% macro capacity_parts() -%}
{{ return(['installed', 'down', 'sellable', 'reserved', 'unstated_sellable', 'unstated_reserved']) }}
{%- endmacro %}
