-- Every rated amount in micro-yuan, in the terms of FOCUS: Usage and Tax by day or month, Credits by month, corrections of closed
-- periods, and one Adjustment per line whose fen differ from them, so that charges sum to lines exactly. Open periods as known now,
-- closed ones as they were frozen.
{{ config(materialized='view') }}
{%- set columns = [
    'charge_id', 'billing_period', 'day', 'until_day', 'tenant_id', 'site_id', 'sku_id', 'tariff_id', 'tariff_version',
    'price_model', 'band_from', 'price_window', 'qos', 'coverage', 'contract_id', 'quantity', 'unit_price_micro_yuan',
    'contracted_unit_price_micro_yuan', 'tax_included', 'tax_rate_ppm', 'share_rule', 'share_valid_from', 'list_micro_yuan',
    'contracted_micro_yuan', 'effective_micro_yuan', 'billed_micro_yuan', 'charge_category', 'charge_class',
    'correction_of', 'line_kind', 'line_id',
] %}
with charges as (
    select
        {{ charged_unit('resource_kind', 'price_unit') }} as unit,
        {{ columns | join(',\n        ') }}
    from {{ ref('int_known_charges') }}
    union all
    select
        unit,
        {{ columns | join(',\n        ') }}
    from {{ ref('int_corrections') }}
)

select
    charges.charge_id,
    charges.billing_period,
    {{ timestamp_of_epoch(epoch_of_day('charges.day')) }} as charge_period_start,
    {{ timestamp_of_epoch(epoch_of_day('charges.until_day')) }} as charge_period_end,
    charges.tenant_id,
    sites.provider_party as provider_party_id,
    charges.site_id,
    charges.sku_id,
    charges.tariff_id,
    charges.tariff_version,
    charges.price_model,
    charges.band_from,
    charges.price_window as {{ quote_window() }},
    charges.qos,
    charges.coverage,
    charges.contract_id,
    charges.quantity,
    case when charges.quantity is not null then charges.unit end as unit,
    charges.unit_price_micro_yuan,
    charges.contracted_unit_price_micro_yuan,
    charges.tax_included,
    charges.tax_rate_ppm,
    charges.share_rule,
    charges.share_valid_from,
    charges.list_micro_yuan as list_cost_micro_yuan,
    charges.contracted_micro_yuan as contracted_cost_micro_yuan,
    charges.effective_micro_yuan as effective_cost_micro_yuan,
    charges.billed_micro_yuan as billed_cost_micro_yuan,
    'CNY' as billing_currency,
    charges.charge_category,
    charges.charge_class,
    charges.correction_of,
    charges.line_kind,
    charges.line_id
from charges
left join {{ source('inputs', 'sites') }} as sites
    on charges.site_id = sites.site_id
where not {{ is_closed('charges.billing_period') }}
union all

select
    {{ sha_id(["'Adjustment'", 'lines.line_id']) }} as charge_id,
    lines.period as billing_period,
    {{ period_start('lines.charge_month') }} as charge_period_start,
    {{ period_end('lines.charge_month') }} as charge_period_end,
    lines.tenant_id,
    lines.provider_party as provider_party_id,
    lines.site_id,
    lines.sku_id,
    lines.tariff_id,
    lines.tariff_version,
    cast(null as string) as price_model,
    cast(null as bigint) as band_from,
    cast(null as string) as {{ quote_window() }},
    cast(null as string) as qos,
    cast(null as string) as coverage,
    cast(null as string) as contract_id,
    cast(null as bigint) as quantity,
    cast(null as string) as unit,
    cast(null as bigint) as unit_price_micro_yuan,
    cast(null as bigint) as contracted_unit_price_micro_yuan,
    cast(null as boolean) as tax_included,
    lines.tax_rate_ppm,
    lines.share_rule,
    lines.share_valid_from,
    lines.adjustment_micro_yuan as list_cost_micro_yuan,
    lines.adjustment_micro_yuan as contracted_cost_micro_yuan,
    lines.adjustment_micro_yuan as effective_cost_micro_yuan,
    lines.adjustment_micro_yuan as billed_cost_micro_yuan,
    'CNY' as billing_currency,
    'Adjustment' as charge_category,
    lines.charge_class,
    cast(null as string) as correction_of,
    lines.line_kind,
    lines.line_id
from {{ ref('int_statement_lines') }} as lines
where
    lines.adjustment_micro_yuan != 0
    and not {{ is_closed('lines.period') }}
union all
select {{ columns_sql(settlement_columns()['charges'], 'frozen.') }}
from {{ source('ledger', 'closed_charges') }} as frozen
