-- Statement lines of what vouchers pay, as known now, one for each side of a redemption; both are settled with the
-- network's operator. A means of payment: without tax and not shared. `tenant_id` is who the line is for, tenant or
-- issuer; the rest says what was paid. Columns as in int_sale_lines.
{{ config(materialized='view') }}
select
    sides.line_id,
    sales.period,
    sides.payer_id as tenant_id,
    sales.network_operator,
    sales.tax_authority,
    sales.provider_party,
    sales.operator_party,
    sales.site_id,
    sales.sku_id,
    sales.tariff_id,
    sales.tariff_version,
    cast(0 as bigint) as tax_rate_ppm,
    sales.charge_class,
    sales.charge_month,
    sales.share_rule,
    sales.share_valid_from,
    'voucher' as line_kind,
    cast(null as string) as unit,
    cast(null as bigint) as quantity,
    sides.amount_fen as net_fen,
    cast(0 as bigint) as tax_fen,
    sides.amount_fen as gross_fen,
    cast(0 as bigint) as adjustment_micro_yuan
from {{ ref('int_voucher_sides') }} as sides
inner join {{ ref('int_sale_lines') }} as sales
    on sides.pays_line_id = sales.line_id
