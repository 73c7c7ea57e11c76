-- Bad rows: commitments and reservations paid every month whose effective cost of used and unused quantity in a billing
-- period is not the fee that it bills, in micro-yuan. What is paid upfront agrees over its term, not in a period.
select
    BillingPeriodStart,
    CommitmentDiscountId,
    sum(EffectiveCost) as effective,
    sum(BilledCost) as billed
from {{ ref('focus_cost_and_usage') }}
where
    CommitmentDiscountId is not null
    and ChargeClass is null
group by BillingPeriodStart, CommitmentDiscountId
having
    min(case when ChargeCategory = 'Purchase' then ChargeFrequency end) = 'Recurring'
    and abs(sum(EffectiveCost) - sum(BilledCost)) > 0.000001 * count(*)
