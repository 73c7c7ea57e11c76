-- The bridge of each closed period, by tenant and SKU: what it stood at, what a later period books, what it stands at then.
-- Fen are those of the lines, as closed and of corrections, each rounded by itself; micro-yuan are their charges without
-- rounding, so that after the newest adjustment they are what is known now. Why is said as far as the frozen rows prove it;
-- where nothing is, terms changed otherwise (a contract, a tax rate, what a tier or an allowance covers).
{{ config(materialized='view') }}
with amounts as (
    select
        {{ period_of_day(business_day('charge_period_start')) }} as charge_period,
        billing_period as period,
        tenant_id,
        site_id,
        sku_id,
        cast(sum(case when charge_category != 'Adjustment' then billed_cost_micro_yuan else 0 end) as bigint)
            as micro_yuan,
        {{ half_up_div('sum(billed_cost_micro_yuan)', 10000) }} as fen
    from {{ ref('charges') }}
    group by
        {{ period_of_day(business_day('charge_period_start')) }},
        billing_period,
        tenant_id,
        site_id,
        sku_id
),

bridged as (
    select
        {%- for unit in ['fen', 'micro_yuan'] %}
        cast(sum(amounts.{{ unit }}) over (
            partition by amounts.charge_period, amounts.tenant_id, amounts.site_id, amounts.sku_id
            order by amounts.period
            rows between unbounded preceding and current row
        ) as bigint) as closing_{{ unit }},
        {%- endfor %}
        amounts.*
    from amounts
    where {{ is_closed('amounts.charge_period') }}
),

priced as (
    select
        charge_id,
        {{ period_of_day(business_day('charge_period_start')) }} as charge_period,
        billing_period as period,
        tenant_id,
        site_id,
        sku_id,
        tariff_version,
        {%- for price in ['unit_price_micro_yuan', 'contracted_unit_price_micro_yuan'] %}
        {{ price }} != lag({{ price }}) over (
            partition by coalesce(correction_of, charge_id) order by billing_period
        ) as {{ price | replace('_micro_yuan', '_changed') }},
        {%- endfor %}
        charge_class
    from {{ ref('charges') }}
    where charge_category = 'Usage'
),

evidence as (
    select
        row_key as charge_id,
        record_hash,
        quantity
    from {{ source('ledger', 'closed_lineage') }}
    where table_name = 'charges'
    union all
    select
        charge_id,
        record_hash,
        quantity
    from {{ ref('int_correction_evidence') }}
),

records as (
    select
        priced.charge_period,
        priced.period,
        priced.tenant_id,
        priced.site_id,
        priced.sku_id,
        evidence.record_hash,
        sum(evidence.quantity) as quantity,
        count(distinct priced.tariff_version) as tariff_versions
    from priced
    inner join evidence
        on priced.charge_id = evidence.charge_id
    where priced.charge_class = 'Correction'
    group by
        priced.charge_period,
        priced.period,
        priced.tenant_id,
        priced.site_id,
        priced.sku_id,
        evidence.record_hash
),

netted as (
    select
        records.*,
        sum(records.quantity) over (
            partition by records.charge_period, records.period, records.record_hash
        ) as of_all,
        sum(records.quantity) over (
            partition by records.charge_period, records.period, records.record_hash, records.tenant_id
        ) as of_tenant
    from records
),

nobodys as (
    select distinct
        period,
        record_hash
    from {{ source('ledger', 'closed_metered_usage') }}
    where reason in ('account_unknown', 'account_conflict', 'tenant_unknown', 'tenant_conflict')
),

reasons as (
    select
        netted.charge_period,
        netted.period,
        netted.tenant_id,
        netted.site_id,
        netted.sku_id,
        netted.of_tenant != 0
        and (netted.of_all < 0 or (netted.of_all > 0 and nobodys.period is null)) as quantity_changed,
        netted.of_tenant != 0
        and (netted.of_all = 0 or (netted.of_all > 0 and nobodys.period is not null)) as tenant_changed,
        netted.quantity = 0 and netted.tariff_versions > 1 as price_changed
    from netted
    left join nobodys
        on
            netted.charge_period = nobodys.period
            and netted.record_hash = nobodys.record_hash
    union all
    select
        charge_period,
        period,
        tenant_id,
        site_id,
        sku_id,
        false as quantity_changed,
        false as tenant_changed,
        coalesce(unit_price_changed, false) or coalesce(contracted_unit_price_changed, false) as price_changed
    from priced
    where charge_class = 'Correction'
),

proved as (
    select
        charge_period,
        period,
        tenant_id,
        site_id,
        sku_id,
        bool_or(quantity_changed) as quantity_changed,
        bool_or(tenant_changed) as tenant_changed,
        bool_or(price_changed) as price_changed
    from reasons
    group by charge_period, period, tenant_id, site_id, sku_id
),

operators as (
    select
        period,
        party_id as tenant_id,
        min(counterparty_id) as operator_id
    from {{ ref('statements') }}
    group by period, party_id
)

select
    bridged.charge_period,
    bridged.tenant_id,
    bridged.site_id,
    bridged.sku_id,
    bridged.period,
    case when {{ is_closed('bridged.period') }} then 'closed' else 'draft' end as state,
    bridged.closing_fen - bridged.fen as opening_fen,
    bridged.fen as adjustment_fen,
    bridged.closing_fen,
    bridged.closing_micro_yuan - bridged.micro_yuan as opening_micro_yuan,
    bridged.micro_yuan as adjustment_micro_yuan,
    bridged.closing_micro_yuan,
    coalesce(proved.quantity_changed, false) as quantity_changed,
    coalesce(proved.tenant_changed, false) as tenant_changed,
    coalesce(proved.price_changed, false) as price_changed,
    case when bridged.fen > 0 then bridged.tenant_id when bridged.fen < 0 then operators.operator_id end as debtor_id,
    case when bridged.fen > 0 then operators.operator_id when bridged.fen < 0 then bridged.tenant_id end as creditor_id
from bridged
left join proved
    on
        bridged.charge_period = proved.charge_period
        and bridged.period = proved.period
        and bridged.tenant_id = proved.tenant_id
        and bridged.site_id = proved.site_id
        and bridged.sku_id = proved.sku_id
left join operators
    on
        bridged.period = operators.period
        and bridged.tenant_id = operators.tenant_id
where bridged.period > bridged.charge_period
