{# Generated from data_contracts/ by `suanzhang contracts render`; do not edit. #}

{% macro natural_keys() -%}
{{ return({
    'calendar_days': ['day'],
    'capacity_inventory': ['site_id', 'resource_pool', 'model', 'state', 'valid_from'],
    'cloud_charges': ['provider', 'billing_account', 'billing_period', 'line_id', 'line_ordinal'],
    'device_samples': ['site_id', 'device_id', 'sampled_at'],
    'dispatch_orders': ['order_id', 'revision'],
    'emission_factors': ['grid', 'hour'],
    'facility_readings': ['site_id', 'meter_id', 'read_at'],
    'feed_totals': ['dataset', 'day'],
    'fx_rates': ['currency', 'month'],
    'green_certificates': ['certificate_id'],
    'instance_records': ['site_id', 'instance_id', 'interval_start'],
    'job_records': ['site_id', 'cluster', 'job_id', 'submit_time', 'restart_no'],
    'network_probes': ['probe_id', 'target', 'probed_at'],
    'network_usage': ['line_id', 'interval_start'],
    'outages': ['site_id', 'outage_id', 'revision'],
    'parties': ['party_id', 'valid_from'],
    'payments': ['payment_id'],
    'rack_inventory': ['site_id', 'room', 'valid_from'],
    'resale_rules': ['rule_id', 'valid_from'],
    'revenue_shares': ['share_rule', 'valid_from'],
    'service_contracts': ['contract_id', 'valid_from'],
    'skus': ['sku_id', 'valid_from'],
    'storage_records': ['site_id', 'volume_id', 'observed_at'],
    'tariff_multipliers': ['tariff_id', 'version', 'kind', 'value'],
    'tariff_rates': ['tariff_id', 'version', 'sku_id', 'band_from', 'window'],
    'tax_rates': ['tax_category', 'valid_from'],
    'tenant_accounts': ['site_id', 'account', 'valid_from'],
    'tenants': ['tenant_id', 'valid_from'],
    'voucher_programmes': ['programme_id', 'revision'],
    'vouchers': ['voucher_id', 'revision']
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

{% macro settlement_columns() -%}
{{ return({
    'adjustments': ['charge_period', 'tenant_id', 'site_id', 'sku_id', 'period', 'state', 'opening_fen', 'adjustment_fen', 'closing_fen', 'opening_micro_yuan', 'adjustment_micro_yuan', 'closing_micro_yuan', 'quantity_changed', 'tenant_changed', 'price_changed', 'debtor_id', 'creditor_id'],
    'bill_reconciliation': ['period', 'source_id', 'provider', 'billing_account', 'billing_currency', 'site_id', 'bill_lines', 'provider_billed', 'recorded', 'difference', 'relative_difference', 'tolerance_ppm', 'as_of', 'age_days', 'status'],
    'charges': ['charge_id', 'billing_period', 'charge_period_start', 'charge_period_end', 'tenant_id', 'provider_party_id', 'site_id', 'sku_id', 'tariff_id', 'tariff_version', 'price_model', 'band_from', 'window', 'qos', 'coverage', 'contract_id', 'quantity', 'unit', 'unit_price_micro_yuan', 'contracted_unit_price_micro_yuan', 'tax_included', 'tax_rate_ppm', 'share_rule', 'share_valid_from', 'list_cost_micro_yuan', 'contracted_cost_micro_yuan', 'effective_cost_micro_yuan', 'billed_cost_micro_yuan', 'billing_currency', 'charge_category', 'charge_class', 'correction_of', 'line_kind', 'line_id'],
    'decisions': ['decision_id', 'entry_no', 'kind', 'outcome', 'tariff_id', 'tariff_version', 'period', 'source_id', 'dataset', 'decided_by', 'decided_at', 'reason'],
    'disputes': ['dispute_id', 'entry_no', 'period', 'tenant_id', 'line_id', 'charge_id', 'amount_fen', 'material', 'state', 'opened_by', 'opened_at', 'reason', 'evidence', 'evidence_sha256', 'outcome', 'settled_by', 'settled_at', 'settlement'],
    'guarantee_topups': ['topup_id', 'period', 'party_id', 'counterparty_id', 'role', 'share_rule', 'share_valid_from', 'guaranteed_fen', 'earned_fen', 'topup_fen'],
    'journal_entries': ['entry_id', 'line_no', 'period', 'account', 'account_name_en', 'account_name_zh', 'debit_fen', 'credit_fen', 'party_id', 'source', 'reference'],
    'line_splits': ['line_id', 'period', 'role', 'party_id', 'amount_fen'],
    'metered_usage': ['period', 'day', 'tenant_id', 'site_id', 'sku_id', 'window', 'quantity', 'unit', 'record_hash', 'account', 'compute_class', 'resource_kind', 'model', 'open', 'reason', 'nested_quantity', 'qos'],
    'payment_proposals': ['payer_party_id', 'payee_party_id', 'period', 'state', 'amount_fen', 'due_on', 'as_of', 'days_since_due'],
    'periods': ['period', 'state', 'cutoff', 'pack_sha256', 'proposed_by', 'approved_by', 'gross_fen', 'late_fen'],
    'receivables': ['party_id', 'counterparty_id', 'period', 'state', 'due_fen', 'paid_fen', 'outstanding_fen', 'due_on', 'payment_days', 'as_of', 'days_since_due', 'ageing', 'status', 'must_act'],
    'reconciliation': ['period', 'source_id', 'subject', 'measure', 'site_id', 'declared', 'metered', 'billed', 'unknowns', 'difference', 'relative_difference', 'tolerance_ppm', 'as_of', 'age_days', 'status'],
    'resale_margins': ['period', 'site_id', 'sold_fen', 'owed_fen', 'margin_fen', 'state'],
    'settlement_flows': ['period', 'segment', 'site_id', 'compute_class', 'line_kind', 'role', 'party_id', 'amount_fen', 'correction_fen'],
    'settlement_parties': ['party_id', 'valid_from', 'kind', 'name_en', 'name_zh', 'tax_id', 'group_party_id'],
    'settlement_positions': ['party_id', 'counterparty_id', 'period', 'receivable_fen', 'payable_fen', 'net_fen'],
    'sla_credits': ['period', 'tenant_id', 'site_id', 'contract_id', 'metric', 'target_ppm', 'good', 'total', 'measured_share', 'resource_kind', 'evidence_rows', 'probes', 'status', 'contracted_cost_micro_yuan', 'credit_ppm', 'credit_micro_yuan', 'credit_tax_micro_yuan', 'applied'],
    'statement_lines': ['line_id', 'period', 'party_id', 'counterparty_id', 'tenant_id', 'site_id', 'sku_id', 'tariff_version', 'line_kind', 'tax_rate_ppm', 'charge_class', 'charge_period', 'share_rule', 'share_valid_from', 'quantity', 'unit', 'net_fen', 'tax_fen', 'gross_fen', 'invoice_no', 'red_invoice_of', 'pays_line_id'],
    'statements': ['period', 'party_id', 'counterparty_id', 'direction', 'lines', 'net_fen', 'tax_fen', 'gross_fen', 'state'],
    'unattributed_usage': ['day', 'site_id', 'account', 'compute_class', 'resource_kind', 'model', 'reason', 'quantity', 'unit', 'records', 'must_act'],
    'unbilled_terms': ['period', 'tenant_id', 'contract_id', 'contract_from', 'kind', 'sku_id', 'reason', 'must_act'],
    'unknown_usage': ['day', 'site_id', 'account', 'compute_class', 'resource_kind', 'model', 'record_seconds', 'records', 'open', 'must_act'],
    'voucher_redemptions': ['voucher_id', 'line_id', 'period', 'programme_id', 'issuer_party_id', 'tenant_id', 'site_id', 'sku_id', 'gross_fen', 'share_ppm', 'redeemed_fen', 'cap_left_fen', 'budget_left_fen', 'limited_by', 'tenant_line_id', 'issuer_line_id', 'revision', 'record_hash']
}) }}
{%- endmacro %}
