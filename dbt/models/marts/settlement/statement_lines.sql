-- What tenants are billed, line by line, in fen (金额 net, 税额 tax, 价税合计 gross); finance fills in the invoices. Open
-- periods as known now, closed ones as they were frozen.
{{ config(materialized='view') }}
select
    lines.line_id,
    lines.period,
    lines.tenant_id as party_id,
    lines.network_operator as counterparty_id,
    lines.tenant_id,
    lines.site_id,
    lines.sku_id,
    lines.tariff_version,
    lines.tax_rate_ppm,
    lines.charge_class,
    lines.charge_month as charge_period,
    lines.share_rule,
    lines.share_valid_from,
    lines.quantity,
    {{ quantity_unit('lines.resource_kind') }} as unit,
    lines.net_fen,
    lines.tax_fen,
    lines.gross_fen,
    cast(null as string) as invoice_no,
    cast(null as string) as red_invoice_of
from {{ ref('int_statement_lines') }} as lines
where not {{ is_closed('lines.period') }}
union all
select
    frozen.line_id,
    frozen.period,
    frozen.party_id,
    frozen.counterparty_id,
    frozen.tenant_id,
    frozen.site_id,
    frozen.sku_id,
    frozen.tariff_version,
    frozen.tax_rate_ppm,
    frozen.charge_class,
    frozen.charge_period,
    frozen.share_rule,
    frozen.share_valid_from,
    frozen.quantity,
    frozen.unit,
    frozen.net_fen,
    frozen.tax_fen,
    frozen.gross_fen,
    frozen.invoice_no,
    frozen.red_invoice_of
from {{ source('ledger', 'closed_statement_lines') }} as frozen
