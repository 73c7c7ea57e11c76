{# Compute vouchers: what they pay for, and the names of what a redemption is booked as. #}

{# Whether a text of parts divided by commas names the value; where there is no text, any value is named. #}
{% macro names_value(parts, value) -%}
({{ parts }} is null or instr(',' || {{ parts }} || ',', ',' || {{ value }} || ',') > 0)
{%- endmacro %}

{# Kinds of resource that are compute: never storage, traffic, bandwidth, a provider's bill or a subscription. #}
{% macro is_compute(resource_kind) -%}
{{ resource_kind }} in ('cpu_core', 'accelerator', 'slice', 'instance')
{%- endmacro %}

{# Yuan with at most 2 decimals → BIGINT fen. Exact. #}
{% macro fen(amount) -%}
cast(cast({{ amount }} as decimal(25, 2)) * 100 as bigint)
{%- endmacro %}

{# The statement line that books a redemption for one side: 'tenant' or 'issuer'. #}
{% macro voucher_line_id(side, redemptions) -%}
{{ sha_id(["'voucher'", "'" ~ side ~ "'", redemptions ~ '.voucher_id', redemptions ~ '.line_id']) }}
{%- endmacro %}

{# The journal entry of voucher lines: one per period, SKU, class and month of what was paid, tenants against issuers. #}
{% macro voucher_entry_id(charge_month) -%}
{{ sha_id(["'voucher'", 'period', 'site_id', 'sku_id', 'charge_class', charge_month]) }}
{%- endmacro %}
