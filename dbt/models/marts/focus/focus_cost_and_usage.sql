-- FOCUS 1.4 Cost and Usage: one row per charge, amounts in yuan as exact decimals. Billed and effective cost are those of
-- the charge; list and contracted cost of what has a unit price are that price, without tax, times the pricing quantity.
{{ config(materialized='view') }}
with tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
),

-- what was first charged after the close of its month corrects no charge that anybody can find
originals as (
    select charge_id
    from {{ ref('charges') }}
    where charge_class is null
),

measured as (
    select
        charges.*,
        case
            when charges.is_metered then {{ exact_ratio('charges.quantity', 'charges.quantity_per_unit') }}
            when charges.is_priced then cast(1 as decimal(38, 18))
        end as pricing_quantity,
        case
            when charges.is_metered and charges.unit_price_micro_yuan is not null
                then {{ exact_ratio('charges.unit_price_micro_yuan', 'charges.price_divisor') }}
            when charges.is_priced then cast({{ yuan('charges.list_cost_micro_yuan') }} as decimal(38, 18))
        end as list_unit_price,
        case
            when charges.is_metered and charges.contracted_unit_price_micro_yuan is not null
                then {{ exact_ratio('charges.contracted_unit_price_micro_yuan', 'charges.price_divisor') }}
            when charges.is_priced then cast({{ yuan('charges.contracted_cost_micro_yuan') }} as decimal(38, 18))
        end as contracted_unit_price,
        case
            when charges.is_metered and charges.unit_price_micro_yuan is not null
                then {{ exact_ratio('charges.list_product', 'charges.cost_divisor') }}
            else cast({{ yuan('charges.list_cost_micro_yuan') }} as decimal(38, 18))
        end as list_cost,
        case
            when charges.is_metered and charges.contracted_unit_price_micro_yuan is not null
                then {{ exact_ratio('charges.contracted_product', 'charges.cost_divisor') }}
            else cast({{ yuan('charges.contracted_cost_micro_yuan') }} as decimal(38, 18))
        end as contracted_cost,
        case when {{ is_unused('charges.coverage') }} then 'Unused' else 'Used' end as commitment_status
    from {{ ref('int_focus_charges') }} as charges
),

named as (
    select
        measured.*,
        sites.region,
        case when tenants.segment != 'household' then tenants.name_zh end as tenant_name,
        coalesce(issuers.name, measured.issuer_id) as issuer_name,
        coalesce(hosts.name, measured.provider_party_id) as host_name,
        case
            when measured.resource_kind = 'storage' then 'Storage'
            when measured.resource_kind in ('traffic', 'bandwidth') then 'Networking'
            when measured.compute_class = 'intelligent' then 'AI and Machine Learning'
            else 'Compute'
        end as service_category
    from measured
    left join {{ source('inputs', 'sites') }} as sites
        on measured.site_id = sites.site_id
    left join tenants
        on
            measured.tenant_id = tenants.tenant_id
            and {{ in_force('last_day(' ~ month_start('measured.day') ~ ')', 'tenants') }}
    left join {{ ref('int_focus_names') }} as issuers
        on
            measured.billing_period = issuers.period
            and measured.issuer_id = issuers.party_id
    left join {{ ref('int_focus_names') }} as hosts
        on
            measured.billing_period = hosts.period
            and measured.provider_party_id = hosts.party_id
)

select
    named.site_id as AvailabilityZone,
    {{ yuan('named.billed_cost_micro_yuan') }} as BilledCost,
    named.tenant_id as BillingAccountId,
    named.tenant_name as BillingAccountName,
    named.billing_currency as BillingCurrency,
    {{ period_end('named.billing_period') }} as BillingPeriodEnd,
    {{ period_start('named.billing_period') }} as BillingPeriodStart,
    case when named.commitment_kind = 'reservation' then named.contract_id end as CapacityReservationId,
    case
        when named.commitment_kind = 'reservation' and named.charge_category = 'Usage' then named.commitment_status
    end as CapacityReservationStatus,
    named.charge_category as ChargeCategory,
    named.charge_class as ChargeClass,
    named.charge_category || ': ' || named.sku_id || coalesce(' (' || named.coverage || ')', '') as ChargeDescription,
    case
        when named.charge_category = 'Usage' then 'Usage-Based'
        when named.charge_category = 'Purchase' and coalesce(named.fee_paid, 'monthly') = 'monthly' then 'Recurring'
        else 'One-Time'
    end as ChargeFrequency,
    named.charge_period_end as ChargePeriodEnd,
    named.charge_period_start as ChargePeriodStart,
    case when named.commitment_kind is not null then 'Usage' end as CommitmentDiscountCategory,
    case when named.commitment_kind is not null then named.contract_id end as CommitmentDiscountId,
    case when named.commitment_kind is not null then named.contract_id end as CommitmentDiscountName,
    case
        when named.commitment_kind is null or not named.is_priced then null
        when named.charge_category = 'Usage' then named.pricing_quantity
        else cast(named.purchased_quantity as decimal(38, 18))
    end as CommitmentDiscountQuantity,
    case
        when named.commitment_kind is not null and named.charge_category = 'Usage' then named.commitment_status
    end as CommitmentDiscountStatus,
    case named.commitment_kind when 'commitment' then 'Commitment' when 'reservation' then 'Reservation' end
        as CommitmentDiscountType,
    case when named.commitment_kind is not null and named.is_priced then {{ focus_unit('named.price_unit') }} end
        as CommitmentDiscountUnit,
    case
        when named.is_metered and named.charge_category = 'Usage' and named.commitment_status = 'Used' then named.quantity
    end as ConsumedQuantity,
    case
        when named.is_metered and named.charge_category = 'Usage' and named.commitment_status = 'Used'
            then {{ focus_unit('named.unit') }}
    end as ConsumedUnit,
    case
        when named.commitment_id is null or not named.is_priced then null
        when named.term_kind = 'minimum'
            then
                '{"Elements":[{"ContractId":"' || named.contract_id
                || '","ContractCommitmentId":"' || named.commitment_id
                || '","ContractCommitmentAppliedCost":' || cast({{ yuan('named.billed_cost_micro_yuan') }} as string)
                || '}]}'
        when named.coverage in ('commitment', 'reservation')
            then
                '{"Elements":[{"ContractId":"' || named.contract_id
                || '","ContractCommitmentId":"' || named.commitment_id
                || '","ContractCommitmentAppliedQuantity":' || cast(named.pricing_quantity as string)
                || ',"ContractCommitmentAppliedUnit":"' || {{ focus_unit('named.price_unit') }}
                || '"}]}'
    end as ContractApplied,
    named.contracted_cost as ContractedCost,
    named.contracted_unit_price as ContractedUnitPrice,
    {{ yuan(
        "case when named.charge_category in ('Tax', 'Credit') then named.billed_cost_micro_yuan"
        ~ " else named.effective_cost_micro_yuan end"
    ) }} as EffectiveCost,
    named.host_name as HostProviderName,
    {{ focus_invoice_detail_id('named.line_id', 'named.charge_category') }} as InvoiceDetailId,
    {{ focus_invoice_id('named.billing_period', 'named.tenant_id', 'named.charge_class', 'named.charge_month') }}
        as InvoiceId,
    named.issuer_name as InvoiceIssuerName,
    named.list_cost as ListCost,
    named.list_unit_price as ListUnitPrice,
    case
        when not named.is_priced then null
        when named.commitment_kind is not null and named.charge_category = 'Usage' then 'Committed'
        when named.price_model = 'spot' then 'Dynamic'
        else 'Standard'
    end as PricingCategory,
    named.pricing_quantity as PricingQuantity,
    case
        when named.is_metered then {{ focus_unit('named.price_unit') }}
        when named.is_priced then 'Fees'
    end as PricingUnit,
    named.region as RegionId,
    named.region as RegionName,
    named.service_category as ServiceCategory,
    case named.service_category
        when 'Storage' then 'Storage'
        when 'Networking' then 'Network'
        when 'AI and Machine Learning' then 'AI computing'
        else case named.compute_class when 'super' then 'Supercomputing' else 'General computing' end
    end as ServiceName,
    named.issuer_name as ServiceProviderName,
    case named.service_category
        when 'Storage' then 'Storage Platforms'
        when 'Networking' then 'Network Connectivity'
        when 'AI and Machine Learning' then 'AI Platforms'
        else case named.resource_kind when 'instance' then 'Virtual Machines' else 'Other (Compute)' end
    end as ServiceSubcategory,
    case when named.charge_category != 'Tax' then named.sku_id end as SkuId,
    case when named.charge_category != 'Tax' then named.resource_kind end as SkuMeter,
    case
        when named.is_metered and named.band_from is not null
            then
                '{"x_PriceModel":"' || coalesce(named.price_model, 'per_unit')
                || '","x_BandFrom":' || cast(named.band_from as string)
                || ',"x_PriceWindow":"' || named.{{ quote_window() }}
                || '"}'
    end as SkuPriceDetails,
    case
        when named.is_metered
            then
                named.sku_id || '/' || named.tariff_id || '/' || named.tariff_version
                || '/' || coalesce(cast(named.band_from as string), '') || '/' || coalesce(named.{{ quote_window() }}, '')
                || '/' || coalesce(named.qos, '')
        when named.is_priced
            then named.sku_id || '/' || named.tariff_id || '/' || named.tariff_version || '/fee/' || coalesce(named.contract_id, '')
    end as SkuPriceId,
    named.charge_id as x_ChargeKey,
    originals.charge_id as x_CorrectionOf,
    named.line_id as x_LineId
from named
left join originals
    on named.correction_of = originals.charge_id
