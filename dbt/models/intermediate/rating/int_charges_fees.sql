-- What terms cost besides usage, before tax: the fee as it is billed (a Purchase, whose effective cost is nothing where
-- its usage bears it), what is left unused of a commitment or reservation (its part of the fee, billed nothing), a flat
-- fee, and what is missing to a least amount once usage has reached the end of the month.
{{ config(materialized='view') }}
with used as (
    select
        {{ month_start('day') }} as first_day,
        tenant_id,
        contract_id,
        contract_from,
        cast(sum(line_to - line_from) as bigint) as quantity
    from {{ ref('int_covered_usage') }}
    where coverage in ('commitment', 'reservation')
    group by {{ month_start('day') }}, tenant_id, contract_id, contract_from
),

borne as (
    select
        {{ month_start('day') }} as first_day,
        tenant_id,
        contract_id,
        sku_id,
        cast(sum(fee_micro_yuan) as bigint) as fee_micro_yuan
    from {{ ref('int_charge_pieces') }}
    where coverage in ('commitment', 'reservation')
    group by {{ month_start('day') }}, tenant_id, contract_id, sku_id
),

billed as (
    select
        {{ month_start('day') }} as first_day,
        tenant_id,
        site_id,
        cast(sum(billed_micro_yuan) as bigint) as billed_micro_yuan
    from {{ ref('int_charges_usage') }}
    group by {{ month_start('day') }}, tenant_id, site_id
),

consumed as (
    select
        terms.day,
        terms.tenant_id,
        terms.contract_id,
        terms.contract_from,
        coalesce(cast(sum(billed.billed_micro_yuan) as bigint), 0) as billed_micro_yuan
    from {{ ref('int_month_terms') }} as terms
    left join billed
        on
            terms.day = billed.first_day
            and terms.tenant_id = billed.tenant_id
            and (terms.scope_site_id = billed.site_id or terms.scope_site_id is null)
    where terms.kind = 'minimum'
    group by terms.day, terms.tenant_id, terms.contract_id, terms.contract_from
),

fees as (
    select
        terms.*,
        'Purchase' as charge_category,
        cast(null as string) as coverage,
        cast(null as bigint) as quantity,
        terms.billed_fee_micro_yuan as billed_micro_yuan,
        case terms.kind when 'flat' then terms.month_fee_micro_yuan else 0 end as effective_micro_yuan
    from {{ ref('int_month_terms') }} as terms
    where
        terms.kind in ('commitment', 'reservation', 'flat')
        and (terms.billed_fee_micro_yuan > 0 or terms.kind = 'flat')
    union all
    select
        terms.*,
        'Usage' as charge_category,
        terms.kind || '_unused' as coverage,
        terms.capacity - coalesce(used.quantity, 0) as quantity,
        cast(0 as bigint) as billed_micro_yuan,
        terms.month_fee_micro_yuan - coalesce(pieces.fee_micro_yuan, 0) as effective_micro_yuan
    from {{ ref('int_month_terms') }} as terms
    left join used
        on
            terms.day = used.first_day
            and terms.tenant_id = used.tenant_id
            and terms.contract_id = used.contract_id
            and terms.contract_from = used.contract_from
    left join borne as pieces
        on
            terms.day = pieces.first_day
            and terms.tenant_id = pieces.tenant_id
            and terms.contract_id = pieces.contract_id
            and terms.sku_id = pieces.sku_id
    where
        terms.kind in ('commitment', 'reservation')
        and terms.capacity > coalesce(used.quantity, 0)
    union all
    select
        terms.*,
        'Purchase' as charge_category,
        cast(null as string) as coverage,
        cast(null as bigint) as quantity,
        terms.month_fee_micro_yuan - consumed.billed_micro_yuan as billed_micro_yuan,
        terms.month_fee_micro_yuan - consumed.billed_micro_yuan as effective_micro_yuan
    from {{ ref('int_month_terms') }} as terms
    inner join consumed
        on
            terms.day = consumed.day
            and terms.tenant_id = consumed.tenant_id
            and terms.contract_id = consumed.contract_id
            and terms.contract_from = consumed.contract_from
    cross join {{ ref('int_usage_extent') }} as extent
    where
        terms.kind = 'minimum'
        and terms.month_fee_micro_yuan > consumed.billed_micro_yuan
        and extent.measured_to >= last_day(terms.day)
)

select
    {{ sha_id([
        'fees.charge_category', 'fees.day', 'fees.tenant_id', 'fees.sku_id', 'fees.kind', 'fees.coverage',
        'fees.contract_id', 'fees.contract_from',
    ]) }} as charge_id,
    fees.charge_category,
    fees.day,
    {{ add_days('last_day(fees.day)', '1') }} as until_day,
    fees.tenant_id,
    fees.sku_site_id as site_id,
    fees.sku_id,
    fees.tariff_id,
    fees.tariff_version,
    cast(null as string) as price_model,
    cast(null as bigint) as band_from,
    cast(null as string) as price_window,
    cast(null as string) as qos,
    fees.coverage,
    fees.contract_id,
    fees.resource_kind,
    fees.unit as price_unit,
    fees.quantity,
    cast(null as bigint) as unit_price_micro_yuan,
    cast(null as bigint) as contracted_unit_price_micro_yuan,
    fees.tax_included,
    fees.tax_included as fee_tax_included,
    fees.tax_rate_ppm,
    fees.share_rule,
    fees.share_valid_from,
    fees.billed_micro_yuan as list_micro_yuan,
    fees.billed_micro_yuan as contracted_micro_yuan,
    fees.effective_micro_yuan,
    fees.billed_micro_yuan
from fees
where fees.reason is null
