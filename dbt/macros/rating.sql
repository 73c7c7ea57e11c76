{# What rating and settlement share: micro-yuan, dated rows, the keys of charges and lines, and what is closed. #}

{# A decimal with at most 6 places → BIGINT millionths: yuan → micro-yuan, a share or tax rate → ppm. Exact. #}
{% macro micro(amount) -%}
cast(cast({{ amount }} as decimal(25, 6)) * 1000000 as bigint)
{%- endmacro %}

{# The rows of `relation` with `valid_until`: the day on which the next row of the key begins; NULL for the last. #}
{% macro dated(relation, key) -%}
select
    rows_of_key.*,
    lead(rows_of_key.valid_from) over (
        partition by {{ key | join(', ') }} order by rows_of_key.valid_from
    ) as valid_until
from {{ relation }} as rows_of_key
{%- endmacro %}

{# Whether a row of `dated` is the newest of its key that began by the day. #}
{% macro in_force(day, alias) -%}
{{ alias }}.valid_from <= {{ day }} and ({{ day }} < {{ alias }}.valid_until or {{ alias }}.valid_until is null)
{%- endmacro %}

{# The columns that name a statement line; charges with equal values share the line. #}
{% macro line_key() -%}
billing_period, tenant_id, site_id, sku_id, tariff_id, tariff_version, tax_rate_ppm, charge_class, charge_month, share_rule, share_valid_from, line_kind
{%- endmacro %}

{# Whether a period's figures are frozen in the ledger. #}
{% macro is_closed(period) -%}
{{ period }} in (select closed.period from {{ ref('int_closed_periods') }} as closed)
{%- endmacro %}

{# The billing period after one, YYYY-MM. #}
{% macro following_period(period) -%}
{{ period_of_day(add_days("last_day(cast(" ~ period ~ " || '-01' as date))", '1')) }}
{%- endmacro %}

{# First instant of a billing period YYYY-MM, and of the one after it: TIMESTAMPs. #}
{% macro period_start(period) -%}
{{ timestamp_of_epoch(epoch_of_day("cast(" ~ period ~ " || '-01' as date)")) }}
{%- endmacro %}

{% macro period_end(period) -%}
{{ timestamp_of_epoch(epoch_of_day(add_days("last_day(cast(" ~ period ~ " || '-01' as date))", '1'))) }}
{%- endmacro %}

{# The statement lines of a relation of charges, rounded: gross, and of it the tax. What is left unused of a term is no
   quantity that was used. `unit` is the column that names a charge's unit, where its kind and price do not. #}
{% macro line_sums(charges, unit=none) -%}
select
    line_id,
    {{ line_key() }},
    min({{ unit or charged_unit('resource_kind', 'price_unit') }}) as unit,
    cast(sum(
        case when charge_category = 'Usage' and not {{ is_unused('coverage') }} then quantity end
    ) as bigint) as quantity,
    cast(sum(billed_micro_yuan) as bigint) as total_micro_yuan,
    {{ half_up_div('sum(billed_micro_yuan)', 10000) }} as gross_fen,
    {{ half_up_div("sum(case when charge_category = 'Tax' then billed_micro_yuan else 0 end)", 10000) }} as tax_fen
from {{ charges }}
group by
    line_id,
    {{ line_key() }}
{%- endmacro %}

{# Statement lines from the sums of `line_sums`, with their parties: gross = half_up(Σ all charges), tax = half_up(Σ Tax
   charges), net = gross − tax; the adjustment is the charge that makes the sum exact. #}
{% macro rounded_lines(sums) -%}
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
from {{ sums }} as sums
left join {{ ref('int_network_parties') }} as parties
    on sums.billing_period = parties.period
left join {{ source('inputs', 'sites') }} as sites
    on sums.site_id = sites.site_id
{%- endmacro %}

{# Whether a charge is for what is left unused of a commitment or reservation. #}
{% macro is_unused(coverage) -%}
coalesce({{ coverage }} in ('commitment_unused', 'reservation_unused'), false)
{%- endmacro %}

{# A decimal with 18 places, below 10^18 → DECIMAL(38,0) of 10^-18. Exact: whole part and fraction apart, because Spark
   drops places from products of more than 38 digits. #}
{% macro atto(amount) -%}
{%- set exact = 'cast(' ~ amount ~ ' as decimal(36, 18))' -%}
{%- set whole = 'cast(floor(' ~ exact ~ ') as decimal(18, 0))' -%}
(
    {{ exact_product(whole, '1000000000000000000') }}
    + cast(
        cast({{ exact }} - {{ whole }} as decimal(18, 18)) * cast(1000000000000000000 as decimal(19, 0)) as decimal(38, 0)
    )
)
{%- endmacro %}

{# A rate with at most 8 decimals → BIGINT of 10^-8. Exact. #}
{% macro hundred_millionths(rate) -%}
cast(cast({{ rate }} as decimal(25, 8)) * 100000000 as bigint)
{%- endmacro %}

{# The business day of a line of a provider's bill: on which its charge period begins, else the first of its month. #}
{% macro bill_day(prefix='') -%}
coalesce({{ business_day(prefix ~ 'charge_period_start') }}, cast({{ prefix }}billing_period || '-01' as date))
{%- endmacro %}

{# Who can mend what keeps usage or a term out of the bills: a record that contradicts itself or names no account or
   quantity is its sender's, a peak that no seed knows the platform's; tenants, accounts, SKUs, prices, taxes, shares and rates of
   exchange are the network operator's to tell. #}
{% macro must_act(reason, has_account='true') -%}
case
    when {{ reason }} in ('record_conflict', 'quantity_unknown') then 'site_operator'
    when {{ reason }} = 'account_unknown' and not {{ has_account }} then 'site_operator'
    when {{ reason }} = 'peak_unknown' then 'platform'
    else 'network_operations'
end
{%- endmacro %}

{# Whether usage without a bill of its own is billed all the same, with what it is part of or as what it is sold. #}
{% macro is_billed_otherwise(reason) -%}
{{ reason }} in ('nested', 'sold_as_instance', 'sold_as_slice')
{%- endmacro %}
