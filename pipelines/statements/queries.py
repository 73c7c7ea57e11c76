"""The SQL behind statements, over a release's tables and, where `$parties` and `$vouchers` stand, reference rows.

Sums and groups only; every rule of settlement is in the models. `vouchers` are found by the id of a voucher's line,
which is a hash of the voucher and the line that it pays (dbt/macros/vouchers.sql).
"""

TABLES = {
    "sites": "utilisation",
    **dict.fromkeys(
        (
            "charges", "guarantee_topups", "line_splits", "periods", "receivables", "settlement_parties",
            "settlement_positions", "statement_lines", "statements", "voucher_redemptions",
        ),
        "settlement",
    ),
}  # fmt: skip

PERIODS = """
select statements.period, min(periods.pack_sha256) as pack_sha256
from statements left join periods on statements.period = periods.period
group by statements.period order by statements.period
"""
PARTIES = "select distinct party_id from statements where period = $period order by party_id"
TERMS = """
select party_id, counterparty_id, cast(due_on as varchar), payment_days
from receivables where period = $period order by all
"""
SITES = "select site_id, name_zh, name_en from sites order by site_id"

PREPARED = {
    "people": """
        select party_id, arg_max(name_zh, valid_from), arg_max(name_en, valid_from),
            max_by(struct_pack(tax_id := tax_id), valid_from).tax_id
        from $parties where valid_from < $following group by party_id order by party_id
    """,
    "rated": """
        select line_id, charge_category, price_model,
            case when price_model in ('graduated', 'volume') then band_from end as band_from, "window", qos, coverage,
            contract_id, tax_included, unit, cast(sum(quantity) as bigint) as quantity,
            case when price_model = 'spot' then null else unit_price_micro_yuan end as list_price,
            case when price_model = 'spot' then null else contracted_unit_price_micro_yuan end as contracted_price,
            cast(sum(billed_cost_micro_yuan) as bigint) as rated
        from charges where billing_period = $period and charge_category not in ('Tax', 'Adjustment') group by all
    """,
    "proofs": """
        select line_id, min_by(charge_id, (charge_category in ('Tax', 'Adjustment'), charge_id)) as charge_id,
            min(tariff_id) as tariff_id
        from charges where billing_period = $period group by line_id
    """,
    "paying": """
        select lines.line_id, min(vouchers.voucher_id) as voucher_id
        from statement_lines as lines
        inner join statement_lines as sales on lines.pays_line_id = sales.line_id
        inner join (select distinct voucher_id, tenant_id from $vouchers) as vouchers
            on sales.tenant_id = vouchers.tenant_id
            and lines.line_id in (
                substr(sha256(concat_ws(chr(31), 'voucher', 'tenant', vouchers.voucher_id, sales.line_id)), 1, 32),
                substr(sha256(concat_ws(chr(31), 'voucher', 'issuer', vouchers.voucher_id, sales.line_id)), 1, 32)
            )
        where lines.period = $period group by lines.line_id
    """,
    "lines": """
        select lines.party_id, lines.counterparty_id, lines.line_id, proofs.charge_id, lines.line_kind,
            coalesce(lines.charge_class = 'Correction', false) as correction, lines.charge_period, lines.site_id,
            lines.sku_id, proofs.tariff_id, lines.tariff_version, lines.share_rule,
            cast(lines.share_valid_from as varchar), lines.tax_rate_ppm, lines.quantity,
            lines.unit, lines.net_fen, lines.tax_fen, lines.gross_fen, lines.invoice_no, lines.red_invoice_of,
            lines.pays_line_id, paying.voucher_id
        from statement_lines as lines
        left join proofs on lines.line_id = proofs.line_id
        left join paying on lines.line_id = paying.line_id
        where lines.period = $period and lines.party_id != lines.counterparty_id
    """,
    "parts": """
        select splits.party_id as creditor, lines.counterparty_id as debtor, splits.role, lines.line_kind,
            coalesce(lines.charge_class = 'Correction', false) as correction, lines.charge_period, lines.site_id,
            lines.sku_id, min(proofs.tariff_id) as tariff_id, lines.tariff_version, lines.share_rule,
            count(*) as lines, cast(sum(lines.quantity) as bigint) as quantity,
            lines.unit, cast(sum(lines.net_fen) as bigint) as sold_net_fen,
            cast(sum(lines.tax_fen) as bigint) as sold_tax_fen, cast(sum(splits.amount_fen) as bigint) as amount_fen,
            min(proofs.charge_id) as charge_id
        from line_splits as splits
        inner join statement_lines as lines on splits.line_id = lines.line_id
        left join proofs on splits.line_id = proofs.line_id
        where splits.period = $period and splits.party_id != lines.counterparty_id
        group by all
    """,
}
"""Tables of one period, in the order in which they are made; `$following` is the first day after it."""

PEOPLE = "from people"
SECTIONS = """
select party_id, counterparty_id, direction, lines, net_fen, tax_fen, gross_fen
from statements where period = $period and list_contains($names, party_id)
order by party_id, direction, counterparty_id
"""
POSITIONS = """
select positions.party_id, positions.counterparty_id, positions.receivable_fen, positions.payable_fen,
    positions.net_fen, cast(receivables.due_on as varchar), receivables.payment_days
from settlement_positions as positions
left join receivables using (party_id, counterparty_id, period)
where positions.period = $period and list_contains($names, positions.party_id)
order by positions.party_id, positions.counterparty_id
"""
LINES_OF = """
select party_id, counterparty_id, list_contains($names, party_id), list_contains($names, counterparty_id),
    * exclude (party_id, counterparty_id)
from lines where list_contains($names, party_id) or list_contains($names, counterparty_id)
order by party_id, correction, charge_period, line_kind, site_id, sku_id, tariff_version, line_id
"""
PRICES_OF = """
select rated.* from rated
inner join lines on rated.line_id = lines.line_id
where list_contains($names, lines.party_id)
order by all nulls first
"""
PARTS_OF = """
from parts where list_contains($names, creditor) or list_contains($names, debtor)
order by creditor, correction, charge_period, line_kind, site_id, sku_id, tariff_version, role, unit
"""
TOPUPS_OF = """
select party_id, counterparty_id, role, share_rule, guaranteed_fen, earned_fen, topup_fen
from guarantee_topups
where period = $period and party_id != counterparty_id
    and (list_contains($names, party_id) or list_contains($names, counterparty_id))
order by topup_id
"""
