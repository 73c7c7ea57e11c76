-- Bad rows: corrections of a charge that stand twice in a billing period, that are booked in or before the month that they
-- correct, that correct a month which is not closed, or that change nothing; and other charges that say they correct one.
with corrections as (
    select
        charge_id,
        correction_of,
        charge_class,
        billing_period,
        {{ period_of_day(business_day('charge_period_start')) }} as charge_period,
        count(*) over (partition by correction_of, billing_period) as times,
        coalesce(quantity, 0) = 0
        and list_cost_micro_yuan = 0
        and contracted_cost_micro_yuan = 0
        and effective_cost_micro_yuan = 0
        and billed_cost_micro_yuan = 0 as is_nothing
    from {{ ref('charges') }}
    where
        charge_category != 'Adjustment'
        and (charge_class is not null or correction_of is not null)
)

select *
from corrections
where
    times > 1
    or charge_class is null
    or correction_of is null
    or billing_period <= charge_period
    or not {{ is_closed('charge_period') }}
    or is_nothing
