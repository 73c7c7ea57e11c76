-- Statement lines of what was sold, as known now, in fen: the one place where charges are rounded. gross = half_up(Σ all
-- charges), tax = half_up(Σ Tax charges), net = gross − tax; the adjustment is the charge that makes the sum exact.
-- Made whole in every run: its input is a row per tenant, SKU and day, not per job, and parties and sites may change.
with sums as (
    {{ line_sums(ref('int_charges')) }}
)

select
    sums.line_id,
    sums.billing_period as period,
    sums.tenant_id,
    parties.network_operator,
    parties.tax_authority,
    sites.provider_party,
    sites.operator_party,
    sums.site_id,
    sums.sku_id,
    sums.tariff_id,
    sums.tariff_version,
    sums.tax_rate_ppm,
    sums.charge_class,
    sums.charge_month,
    sums.share_rule,
    sums.share_valid_from,
    sums.line_kind,
    sums.unit,
    sums.quantity,
    sums.gross_fen - sums.tax_fen as net_fen,
    sums.tax_fen,
    sums.gross_fen,
    sums.gross_fen * 10000 - sums.total_micro_yuan as adjustment_micro_yuan
from sums
left join {{ ref('int_network_parties') }} as parties
    on sums.billing_period = parties.period
left join {{ source('inputs', 'sites') }} as sites
    on sums.site_id = sites.site_id
