-- Every rated amount in micro-yuan, in the terms of FOCUS: Usage and Tax by day, and one Adjustment per line whose fen
-- differ from them, so that charges sum to lines exactly. Open periods as known now, closed ones as they were frozen.
{{ config(materialized='view') }}
select
    charges.charge_id,
    charges.billing_period,
    {{ timestamp_of_epoch(epoch_of_day('charges.day')) }} as charge_period_start,
    {{ timestamp_of_epoch(epoch_of_day('charges.day') ~ ' + 86400') }} as charge_period_end,
    charges.tenant_id,
    sites.provider_party as provider_party_id,
    charges.site_id,
    charges.sku_id,
    charges.tariff_id,
    charges.tariff_version,
    charges.band_from,
    charges.price_window as {{ quote_window() }},
    case when charges.charge_category = 'Usage' then charges.quantity end as quantity,
    case when charges.charge_category = 'Usage' then {{ quantity_unit('charges.resource_kind') }} end as unit,
    case when charges.charge_category = 'Usage' then charges.unit_price_micro_yuan end as unit_price_micro_yuan,
    charges.tax_included,
    charges.tax_rate_ppm,
    charges.share_rule,
    charges.share_valid_from,
    charges.amount_micro_yuan as list_cost_micro_yuan,
    charges.amount_micro_yuan as contracted_cost_micro_yuan,
    charges.amount_micro_yuan as effective_cost_micro_yuan,
    charges.amount_micro_yuan as billed_cost_micro_yuan,
    'CNY' as billing_currency,
    charges.charge_category,
    charges.charge_class,
    cast(null as string) as correction_of,
    charges.line_id
from {{ ref('int_charges') }} as charges
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
    cast(null as bigint) as band_from,
    cast(null as string) as {{ quote_window() }},
    cast(null as bigint) as quantity,
    cast(null as string) as unit,
    cast(null as bigint) as unit_price_micro_yuan,
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
    lines.line_id
from {{ ref('int_statement_lines') }} as lines
where
    lines.adjustment_micro_yuan != 0
    and not {{ is_closed('lines.period') }}
union all
select
    frozen.charge_id,
    frozen.billing_period,
    frozen.charge_period_start,
    frozen.charge_period_end,
    frozen.tenant_id,
    frozen.provider_party_id,
    frozen.site_id,
    frozen.sku_id,
    frozen.tariff_id,
    frozen.tariff_version,
    frozen.band_from,
    frozen.{{ quote_window() }},
    frozen.quantity,
    frozen.unit,
    frozen.unit_price_micro_yuan,
    frozen.tax_included,
    frozen.tax_rate_ppm,
    frozen.share_rule,
    frozen.share_valid_from,
    frozen.list_cost_micro_yuan,
    frozen.contracted_cost_micro_yuan,
    frozen.effective_cost_micro_yuan,
    frozen.billed_cost_micro_yuan,
    frozen.billing_currency,
    frozen.charge_category,
    frozen.charge_class,
    frozen.correction_of,
    frozen.line_id
from {{ source('ledger', 'closed_charges') }} as frozen
