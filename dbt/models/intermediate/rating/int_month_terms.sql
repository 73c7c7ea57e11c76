-- The terms of a calendar month: allowances, commitments, reservations, least amounts and flat fees that are in force on
-- its first day, with what they come to in the month: how much of the SKU they cover, and what of the fee is billed in
-- it and what is its own. A fee that is paid upfront is billed in the first month of the term and spread over its months
-- so that the parts sum to it. `reason` says why a term cannot be billed: its SKU has no price, tax or share then.
with terms as (
    select
        *,
        {{ months_between('contract_from', 'day') }} as months_before,
        {{ months_between('contract_from', 'contract_to') }} as months_of_term
    from {{ ref('int_contract_days') }}
    where
        day = {{ month_start('day') }}
        and kind in ('allowance', 'commitment', 'reservation', 'minimum', 'flat')
),

placed as (
    select
        terms.*,
        skus.site_id as sku_site_id,
        skus.resource_kind,
        skus.unit,
        skus.tariff_id,
        skus.tariff_version,
        skus.tax_rate_ppm,
        skus.share_rule,
        skus.share_valid_from,
        case when skus.sku_id is null then 'sku_missing' else skus.reason end as reason,
        {{ quantity_per_unit('skus.unit', days_in_month('terms.day')) }} as quantity_per_unit
    from terms
    left join {{ ref('int_sku_days') }} as skus
        on
            terms.day = skus.day
            and terms.sku_id = skus.sku_id
)

select
    placed.day,
    placed.tenant_id,
    placed.contract_id,
    placed.contract_from,
    placed.kind,
    placed.site_id as scope_site_id,
    placed.sku_id,
    placed.sku_site_id,
    placed.resource_kind,
    placed.unit,
    placed.tariff_id,
    placed.tariff_version,
    placed.tax_rate_ppm,
    placed.share_rule,
    placed.share_valid_from,
    placed.tax_included,
    placed.reason,
    case
        when placed.kind = 'reservation' then 24 * {{ days_in_month('placed.day') }}
        when placed.kind in ('allowance', 'commitment') then 1
    end * {{ half_up_div(exact_product('placed.quantity_micro', 'placed.quantity_per_unit'), 1000000) }} as capacity,
    case
        when placed.fee_paid = 'monthly' then placed.fee_micro_yuan
        when placed.months_before = 0 then placed.fee_micro_yuan
        else 0
    end as billed_fee_micro_yuan,
    case
        when placed.fee_paid = 'monthly' then placed.fee_micro_yuan
        else
            {{ half_up_div(exact_product('placed.fee_micro_yuan', 'placed.months_before + 1'), 'placed.months_of_term') }}
            - {{ half_up_div(exact_product('placed.fee_micro_yuan', 'placed.months_before'), 'placed.months_of_term') }}
    end as month_fee_micro_yuan
from placed
