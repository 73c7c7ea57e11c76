{# Generated from data_contracts/ by `suanzhang contracts render`; do not edit. #}

{% macro natural_keys() -%}
{{ return({
    'capacity_inventory': ['site_id', 'resource_pool', 'model', 'state', 'valid_from'],
    'cloud_charges': ['provider', 'billing_account', 'billing_period', 'line_id', 'line_ordinal'],
    'device_samples': ['site_id', 'device_id', 'sampled_at'],
    'dispatch_orders': ['order_id', 'revision'],
    'emission_factors': ['grid', 'hour'],
    'facility_readings': ['site_id', 'meter_id', 'read_at'],
    'feed_totals': ['dataset', 'day'],
    'green_certificates': ['certificate_id'],
    'instance_records': ['site_id', 'instance_id', 'interval_start'],
    'job_records': ['site_id', 'cluster', 'job_id', 'submit_time', 'restart_no'],
    'network_probes': ['probe_id', 'target', 'probed_at'],
    'network_usage': ['line_id', 'interval_start'],
    'outages': ['site_id', 'outage_id', 'revision'],
    'parties': ['party_id', 'valid_from'],
    'rack_inventory': ['site_id', 'room', 'valid_from'],
    'revenue_shares': ['share_rule', 'valid_from'],
    'skus': ['sku_id', 'valid_from'],
    'storage_records': ['site_id', 'volume_id', 'observed_at'],
    'tariff_rates': ['tariff_id', 'version', 'sku_id', 'band_from', 'window'],
    'tax_rates': ['tax_category', 'valid_from'],
    'tenant_accounts': ['site_id', 'account', 'valid_from'],
    'tenants': ['tenant_id', 'valid_from']
}) }}
{%- endmacro %}

{% macro controls() -%}
{{ return({
    'device_samples': {'day': 'sampled_at', 'sum': 'power_w', 'filter': 'true'},
    'facility_readings': {'day': 'read_at', 'sum': 'value', 'filter': 'true'},
    'instance_records': {'day': 'interval_start', 'sum': 'vcpus', 'filter': "state <> 'PENDING'"},
    'job_records': {'day': 'end_time', 'sum': 'cpu_cores * elapsed_s', 'filter': "state not in ('PENDING', 'RUNNING', 'SUSPENDED') and end_time is not null"},
    'network_probes': {'day': 'probed_at', 'sum': 'received', 'filter': 'true'},
    'network_usage': {'day': 'interval_start', 'sum': 'bytes_in + bytes_out', 'filter': 'true'},
    'storage_records': {'day': 'observed_at', 'sum': 'used_bytes', 'filter': 'true'}
}) }}
{%- endmacro %}
