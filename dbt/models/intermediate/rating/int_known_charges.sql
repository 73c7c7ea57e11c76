-- Every charge as known now, of every month: what was sold and credited, and what vouchers paid of it. By name, for Spark
-- stores the day by which charges are parted last.
{{ config(materialized='view') }}
{%- for relation in ['int_charges', 'int_charges_vouchers'] %}
select
    charge_id,
    line_id,
    billing_period,
    charge_month,
    day,
    until_day,
    tenant_id,
    site_id,
    sku_id,
    tariff_id,
    tariff_version,
    price_model,
    band_from,
    price_window,
    qos,
    coverage,
    contract_id,
    resource_kind,
    price_unit,
    quantity,
    unit_price_micro_yuan,
    contracted_unit_price_micro_yuan,
    tax_included,
    tax_rate_ppm,
    share_rule,
    share_valid_from,
    charge_category,
    charge_class,
    line_kind,
    correction_of,
    list_micro_yuan,
    contracted_micro_yuan,
    effective_micro_yuan,
    billed_micro_yuan
from {{ ref(relation) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
