-- FOCUS 1.4 Contract Commitment: what tenants commit to by contract, a quantity or an amount of every month; one row per
-- contract and day from which its terms hold. Its state is that of the last day of usage.
{{ config(materialized='view') }}
with parties as (
    {{ dated(ref('int_current_parties'), ['party_id']) }}
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

issuer as (
    select
        extent.last_day,
        min(parties.name_zh) as name
    from {{ ref('int_usage_extent') }} as extent
    inner join parties
        on
            parties.kind = 'network_operator'
            and {{ in_force('extent.last_day', 'parties') }}
    group by extent.last_day
),

contracts as (
    select
        contract_id,
        min(valid_from) as first_day,
        max(contract_to) as end_day
    from {{ ref('int_focus_terms') }}
    group by contract_id
)

select
    'CNY' as BillingCurrency,
    case
        when terms.kind != 'minimum'
            then '{"InclusionOperator":"And","Inclusions":[{"Dimension":"SkuId","Operator":"In","Values":["' || terms.sku_id || '"]}]}'
        when terms.site_id is not null
            then
                '{"InclusionOperator":"And","Inclusions":[{"Dimension":"AvailabilityZone","Operator":"In","Values":["'
                || terms.site_id || '"]}]}'
        else '{"IsGlobalScope":true}'
    end as ContractCommitmentApplicability,
    case terms.kind when 'reservation' then 'Availability' when 'minimum' then 'Other' else 'Discount' end
        as ContractCommitmentBenefitCategory,
    case terms.kind when 'minimum' then 'Spend' else 'Usage' end as ContractCommitmentCategory,
    cast(terms.fee as decimal(38, 6)) as ContractCommitmentCost,
    terms.known_at as ContractCommitmentCreated,
    terms.kind || ': ' || terms.sku_id as ContractCommitmentDescription,
    cast(null as decimal(38, 6)) as ContractCommitmentDiscountPercentage,
    case
        when terms.contract_to = date '9999-12-31' then '1 Month'
        when terms.months_of_term > 1 then cast(terms.months_of_term as string) || ' Months'
        when terms.months_of_term = 1 then '1 Month'
        else cast({{ days_between('terms.valid_from', 'terms.contract_to') }} as string) || ' Days'
    end as ContractCommitmentDurationType,
    'Monthly' as ContractCommitmentFulfillmentInterval,
    terms.commitment_id as ContractCommitmentId,
    terms.known_at as ContractCommitmentLastUpdated,
    case
        when terms.valid_from > issuer.last_day then 'Pending'
        when terms.contract_to > issuer.last_day then 'Active'
        when terms.contract_to = terms.valid_until then 'Superseded'
        else 'Expired'
    end as ContractCommitmentLifecycleStatus,
    case terms.kind when 'reservation' then 'Continuous' else 'Discontinuous' end as ContractCommitmentModel,
    'Negotiated' as ContractCommitmentOfferCategory,
    case terms.fee_paid when 'upfront' then 'One-Time' else 'Monthly' end as ContractCommitmentPaymentInterval,
    case terms.fee_paid when 'upfront' then 'All Upfront' else 'No Upfront' end as ContractCommitmentPaymentModel,
    {{ timestamp_of_epoch(epoch_of_day('terms.contract_to')) }} as ContractCommitmentPeriodEnd,
    {{ timestamp_of_epoch(epoch_of_day('terms.valid_from')) }} as ContractCommitmentPeriodStart,
    case when terms.kind != 'minimum' then cast(terms.quantity as decimal(38, 6)) end as ContractCommitmentQuantity,
    case terms.kind when 'commitment' then 'Commitment' when 'reservation' then 'Reservation' else 'Minimum' end
        as ContractCommitmentType,
    case
        when terms.kind = 'minimum' then null
        when terms.kind = 'reservation' and skus.resource_kind = 'cpu_core' then 'Cores'
        when terms.kind = 'reservation' and skus.resource_kind = 'accelerator' then 'Cards'
        when terms.kind = 'reservation' then 'Units'
        else coalesce({{ focus_unit('skus.unit') }}, 'Units')
    end as ContractCommitmentUnit,
    terms.contract_id as ContractId,
    {{ timestamp_of_epoch(epoch_of_day('contracts.end_day')) }} as ContractPeriodEnd,
    {{ timestamp_of_epoch(epoch_of_day('contracts.first_day')) }} as ContractPeriodStart,
    issuer.name as InvoiceIssuerName,
    issuer.name as ServiceProviderName,
    terms.tenant_id as x_BillingAccountId
from {{ ref('int_focus_terms') }} as terms
inner join contracts
    on terms.contract_id = contracts.contract_id
cross join issuer
left join skus
    on
        terms.sku_id = skus.sku_id
        and {{ in_force('terms.valid_from', 'skus') }}
