-- Lines of providers' bills as usage. A line of which no rule of resale speaks is passed through as it is. One of which a
-- rule speaks is owed by the network operator to the provider as billed (`cloud_cost`, under the rule's SKU for that), and
-- if it is of usage, sold besides: what was consumed, in the units of our SKU, half up to 10^-9 of them. The rule in the
-- line's unit holds, then the most particular one; a line in a unit that no rule converts has no quantity, and neither
-- has one that names none.
{{ day_fact() }}
with rules as (
    {{ dated(ref('int_current_resale_rules'), ['rule_id']) }}
),

ranked as (
    select
        bills.landing_id,
        bills.landing_row,
        rules.sku_id,
        rules.cost_sku_id,
        case when bills.consumed_unit = rules.consumed_unit then rules.sold_units end as sold_units,
        case when bills.consumed_unit = rules.consumed_unit then rules.consumed_units end as consumed_units,
        rank() over (
            partition by bills.landing_id, bills.landing_row
            order by
                case when bills.consumed_unit = rules.consumed_unit then 0 else 1 end,
                case when rules.provider_sku_id is not null then 0 else 1 end,
                case when rules.service_name is not null then 0 else 1 end
        ) as place
    from {{ ref('int_bill_lines') }} as bills
    inner join rules
        on
            bills.provider = rules.provider
            and {{ in_force('bills.day', 'rules') }}
            and (bills.day < rules.valid_to or rules.valid_to is null)
            and (bills.service_name = rules.service_name or rules.service_name is null)
            and (bills.provider_sku_id = rules.provider_sku_id or rules.provider_sku_id is null)
    where {{ is_changed_day('bills.day') }}
),

ruled as (
    select
        landing_id,
        landing_row,
        count(*) as rules,
        min(sku_id) as sku_id,
        min(cost_sku_id) as cost_sku_id,
        min(sold_units) as sold_units,
        min(consumed_units) as consumed_units
    from ranked
    where place = 1
    group by landing_id, landing_row
)

select
    bills.record_hash,
    bills.landing_id,
    bills.landing_row,
    bills.site_id,
    bills.account,
    bills.day,
    case when ruled.rules is null then 'cloud' else 'cloud_cost' end as resource_kind,
    bills.model,
    bills.quantity,
    bills.is_conflict,
    ruled.rules as named_skus,
    ruled.cost_sku_id as named_sku_id
from {{ ref('int_bill_lines') }} as bills
left join ruled
    on
        bills.landing_id = ruled.landing_id
        and bills.landing_row = ruled.landing_row
where {{ is_changed_day('bills.day') }}
union all
select
    bills.record_hash,
    bills.landing_id,
    bills.landing_row,
    bills.site_id,
    bills.account,
    bills.day,
    'resale' as resource_kind,
    bills.model,
    {{ half_up_div(
        exact_product(atto('bills.consumed_quantity'), 'ruled.sold_units'),
        exact_product('ruled.consumed_units', '1000000000')
    ) }} as quantity,
    bills.is_conflict,
    ruled.rules as named_skus,
    ruled.sku_id as named_sku_id
from {{ ref('int_bill_lines') }} as bills
inner join ruled
    on
        bills.landing_id = ruled.landing_id
        and bills.landing_row = ruled.landing_row
where
    bills.charge_category = 'Usage'
    and {{ is_changed_day('bills.day') }}
