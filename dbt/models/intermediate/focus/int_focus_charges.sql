-- Charges with what FOCUS wants beside them: the statement line's month and issuer, SKU, terms of the contract, and what a
-- unit price is multiplied by. A correction, tax, credit or rounding has no price: its costs are differences or sums.
{{ config(materialized='view') }}
with terms as (
    select * from {{ ref('int_focus_terms') }}
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

charges as (
    select
        charges.*,
        {{ business_day('charges.charge_period_start') }} as day,
        charges.charge_category in ('Usage', 'Purchase') and charges.charge_class is null as is_priced,
        case when charges.tax_included then 1000000 + charges.tax_rate_ppm else 1000000 end as price_divisor
    from {{ ref('charges') }} as charges
),

units as (
    select
        charges.*,
        lines.charge_period as charge_month,
        lines.counterparty_id as issuer_id,
        skus.compute_class,
        skus.resource_kind,
        coalesce({{ priced_unit('charges.unit') }}, skus.unit) as price_unit,
        {{ quantity_per_unit(priced_unit('charges.unit'), days_in_month('charges.day')) }} as quantity_per_unit,
        terms.commitment_id,
        terms.kind as term_kind,
        terms.fee_paid,
        case
            when terms.fee_paid = 'upfront' then terms.term_quantity
            else cast(terms.quantity as decimal(16, 6)) * cast(
                case terms.kind when 'reservation' then 24 * {{ days_in_month('charges.day') }} else 1 end as decimal(8, 0)
            )
        end as purchased_quantity,
        case
            when charges.charge_category = 'Tax' then null
            when charges.coverage in ('commitment', 'commitment_unused') then 'commitment'
            when charges.coverage in ('reservation', 'reservation_unused') then 'reservation'
            when charges.charge_category = 'Purchase' and terms.kind in ('commitment', 'reservation') then terms.kind
        end as commitment_kind
    from charges
    left join {{ ref('statement_lines') }} as lines
        on
            charges.line_id = lines.line_id
            and charges.billing_period = lines.period
    left join skus
        on
            charges.sku_id = skus.sku_id
            and {{ in_force('charges.day', 'skus') }}
    left join terms
        on
            charges.contract_id = terms.contract_id
            and {{ in_force(month_start('charges.day'), 'terms') }}
)

select
    units.*,
    units.is_priced and units.quantity is not null as is_metered,
    {{ exact_product('units.quantity_per_unit', 'units.price_divisor') }} as cost_divisor,
    {{ exact_product('units.unit_price_micro_yuan', 'units.quantity') }} as list_product,
    {{ exact_product('units.contracted_unit_price_micro_yuan', 'units.quantity') }} as contracted_product
from units
