-- The commitments of contracts as FOCUS counts them, one row per contract and day from which its terms hold: what is
-- committed in a month and, of a fee paid upfront, in the whole months of the term.
{{ config(materialized='view') }}
with terms as (
    {{ dated(ref('int_current_service_contracts'), ['contract_id']) }}
),

ended as (
    select
        terms.*,
        least(coalesce(terms.valid_to, date '9999-12-31'), coalesce(terms.valid_until, date '9999-12-31')) as contract_to
    from terms
    where terms.kind in ('commitment', 'reservation', 'minimum')
),

months as (
    select
        ended.*,
        case
            when ended.valid_from = {{ month_start('ended.valid_from') }} then ended.valid_from
            else {{ add_days('last_day(ended.valid_from)', '1') }}
        end as first_month,
        case
            when ended.contract_to = {{ month_start('ended.contract_to') }} then ended.contract_to
            when ended.contract_to < date '9999-12-31' then {{ add_days('last_day(ended.contract_to)', '1') }}
            else ended.contract_to
        end as end_month
    from ended
)

select
    months.contract_id || '@' || cast(months.valid_from as string) as commitment_id,
    months.contract_id,
    months.valid_from,
    months.valid_until,
    months.contract_to,
    months.kind,
    months.tenant_id,
    months.site_id,
    months.sku_id,
    months.quantity,
    months.fee,
    coalesce(months.fee_paid, 'monthly') as fee_paid,
    months.known_at,
    {{ months_between('months.valid_from', 'months.contract_to') }} as months_of_term,
    cast(months.quantity as decimal(16, 6)) * cast(
        case
            when months.fee_paid != 'upfront' or months.fee_paid is null then null
            when months.kind = 'reservation' then 24 * {{ days_between('months.first_month', 'months.end_month') }}
            else {{ months_between('months.valid_from', 'months.contract_to') }}
        end as decimal(8, 0)
    ) as term_quantity
from months
