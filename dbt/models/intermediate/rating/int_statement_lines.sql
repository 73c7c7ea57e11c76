-- Statement lines as known now, in fen: the one place where charges are rounded. gross = half_up(Σ all charges),
-- tax = half_up(Σ Tax charges), net = gross − tax; the adjustment is the charge that makes the sum exact.
-- Made whole in every run: its input is a row per tenant, SKU and day, not per job, and parties and sites may change.
with sums as (
    select
        line_id,
        {{ line_key() }},
        min(resource_kind) as resource_kind,
        cast(sum(case when charge_category = 'Usage' then quantity end) as bigint) as quantity,
        cast(sum(amount_micro_yuan) as bigint) as total_micro_yuan,
        cast(sum(case when charge_category = 'Tax' then amount_micro_yuan else 0 end) as bigint) as tax_micro_yuan
    from {{ ref('int_charges') }}
    group by
        line_id,
        {{ line_key() }}
),

rounded as (
    select
        sums.*,
        {{ half_up_div('sums.total_micro_yuan', 10000) }} as gross_fen,
        {{ half_up_div('sums.tax_micro_yuan', 10000) }} as tax_fen
    from sums
)

select
    rounded.line_id,
    rounded.billing_period as period,
    rounded.tenant_id,
    parties.network_operator,
    parties.tax_authority,
    sites.provider_party,
    sites.operator_party,
    rounded.site_id,
    rounded.sku_id,
    rounded.tariff_id,
    rounded.tariff_version,
    rounded.tax_rate_ppm,
    rounded.charge_class,
    rounded.charge_month,
    rounded.share_rule,
    rounded.share_valid_from,
    rounded.resource_kind,
    rounded.quantity,
    rounded.gross_fen - rounded.tax_fen as net_fen,
    rounded.tax_fen,
    rounded.gross_fen,
    rounded.gross_fen * 10000 - rounded.total_micro_yuan as adjustment_micro_yuan
from rounded
left join {{ ref('int_network_parties') }} as parties
    on rounded.billing_period = parties.period
left join {{ source('inputs', 'sites') }} as sites
    on rounded.site_id = sites.site_id
