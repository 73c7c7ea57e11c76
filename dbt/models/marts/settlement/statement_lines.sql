-- What tenants and issuers of vouchers are billed, line by line, in fen (金额 net, 税额 tax, 价税合计 gross); finance fills in
-- the invoices. Open periods as known now, closed ones as they were frozen.
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
    lines.line_kind,
    lines.tax_rate_ppm,
    lines.charge_class,
    lines.charge_month as charge_period,
    lines.share_rule,
    lines.share_valid_from,
    lines.quantity,
    case when lines.quantity is not null then lines.unit end as unit,
    lines.net_fen,
    lines.tax_fen,
    lines.gross_fen,
    cast(null as string) as invoice_no,
    cast(null as string) as red_invoice_of,
    vouchers.pays_line_id
from {{ ref('int_statement_lines') }} as lines
left join {{ ref('int_voucher_sides') }} as vouchers
    on lines.line_id = vouchers.line_id
where not {{ is_closed('lines.period') }}
union all
select {{ columns_sql(settlement_columns()['statement_lines'], 'frozen.') }}
from {{ source('ledger', 'closed_statement_lines') }} as frozen
