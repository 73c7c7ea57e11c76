-- Priced usage in pieces: what reservations cover of a day, then what allowances and commitments cover of the month's
-- rest in the order of days and windows, then what nothing covers. `line_from` and `line_to` say which part of its
-- priced usage a piece is, `month_from` and `month_to` which part of the month's use of the SKU outside reservations,
-- `term_from` and `term_to` which part of what its term covers in the month. A provider's bill is passed through or
-- resold whole, also where refunds outweigh it: nothing covers it, and it has no part in tiers.
with terms as (
    select
        *,
        case kind when 'reservation' then {{ int_div('capacity', days_in_month('day')) }} end as daily_capacity
    from {{ ref('int_month_terms') }}
    where
        kind in ('allowance', 'commitment', 'reservation')
        and reason is null
),

reserved as (
    select
        *,
        sum(daily_capacity) over (
            partition by day, tenant_id, sku_id
            order by contract_id, contract_from
            rows between unbounded preceding and current row
        ) as covered_to
    from terms
    where kind = 'reservation'
),

reserved_total as (
    select
        day as first_day,
        tenant_id,
        sku_id,
        max(covered_to) as covered_to
    from reserved
    group by day, tenant_id, sku_id
),

prepaid as (
    select
        *,
        sum(capacity) over (
            partition by day, tenant_id, sku_id
            order by kind, contract_id, contract_from
            rows between unbounded preceding and current row
        ) as covered_to
    from terms
    where kind in ('allowance', 'commitment')
),

prepaid_total as (
    select
        day as first_day,
        tenant_id,
        sku_id,
        max(covered_to) as covered_to
    from prepaid
    group by day, tenant_id, sku_id
),

lines as (
    select
        priced.*,
        {{ month_start('priced.day') }} as first_day,
        greatest(priced.day_from, coalesce(reserved_total.covered_to, 0)) as rest_from,
        greatest(priced.day_to - greatest(priced.day_from, coalesce(reserved_total.covered_to, 0)), 0) as rest
    from {{ ref('int_priced_usage') }} as priced
    left join reserved_total
        on
            {{ month_start('priced.day') }} = reserved_total.first_day
            and priced.tenant_id = reserved_total.tenant_id
            and priced.sku_id = reserved_total.sku_id
    where priced.resource_kind not in ('cloud', 'cloud_cost', 'resale')
),

placed as (
    select
        *,
        sum(rest) over (
            partition by first_day, tenant_id, sku_id
            order by day, price_window, coalesce(qos, '')
            rows between unbounded preceding and current row
        ) as month_to
    from lines
),

pieces as (
    select
        placed.day,
        placed.tenant_id,
        placed.sku_id,
        placed.price_window,
        placed.qos,
        'reservation' as coverage,
        terms.contract_id,
        terms.contract_from,
        greatest(placed.day_from, terms.covered_to - terms.daily_capacity) - placed.day_from as line_from,
        least(placed.day_to, terms.covered_to) - placed.day_from as line_to,
        cast(null as bigint) as month_from,
        cast(null as bigint) as month_to,
        cast({{ days_between('placed.first_day', 'placed.day') }} as bigint) * terms.daily_capacity
        + greatest(placed.day_from, terms.covered_to - terms.daily_capacity)
        - (terms.covered_to - terms.daily_capacity) as term_from
    from placed
    inner join reserved as terms
        on
            placed.first_day = terms.day
            and placed.tenant_id = terms.tenant_id
            and placed.sku_id = terms.sku_id
            and placed.day_from < terms.covered_to
            and placed.day_to > terms.covered_to - terms.daily_capacity
    union all
    select
        placed.day,
        placed.tenant_id,
        placed.sku_id,
        placed.price_window,
        placed.qos,
        terms.kind as coverage,
        terms.contract_id,
        terms.contract_from,
        placed.rest_from - placed.day_from
        + greatest(terms.covered_to - terms.capacity - (placed.month_to - placed.rest), 0) as line_from,
        placed.rest_from - placed.day_from
        + least(terms.covered_to, placed.month_to) - (placed.month_to - placed.rest) as line_to,
        greatest(placed.month_to - placed.rest, terms.covered_to - terms.capacity) as month_from,
        least(terms.covered_to, placed.month_to) as month_to,
        greatest(placed.month_to - placed.rest, terms.covered_to - terms.capacity)
        - (terms.covered_to - terms.capacity) as term_from
    from placed
    inner join prepaid as terms
        on
            placed.first_day = terms.day
            and placed.tenant_id = terms.tenant_id
            and placed.sku_id = terms.sku_id
            and placed.rest > 0
            and placed.month_to - placed.rest < terms.covered_to
            and placed.month_to > terms.covered_to - terms.capacity
    union all
    select
        placed.day,
        placed.tenant_id,
        placed.sku_id,
        placed.price_window,
        placed.qos,
        cast(null as string) as coverage,
        cast(null as string) as contract_id,
        cast(null as date) as contract_from,
        placed.rest_from - placed.day_from
        + greatest(coalesce(prepaid_total.covered_to, 0) - (placed.month_to - placed.rest), 0) as line_from,
        placed.quantity as line_to,
        greatest(placed.month_to - placed.rest, coalesce(prepaid_total.covered_to, 0)) as month_from,
        placed.month_to,
        cast(null as bigint) as term_from
    from placed
    left join prepaid_total
        on
            placed.first_day = prepaid_total.first_day
            and placed.tenant_id = prepaid_total.tenant_id
            and placed.sku_id = prepaid_total.sku_id
    where
        placed.rest > 0
        and placed.month_to > coalesce(prepaid_total.covered_to, 0)
    union all
    select
        day,
        tenant_id,
        sku_id,
        price_window,
        qos,
        cast(null as string) as coverage,
        cast(null as string) as contract_id,
        cast(null as date) as contract_from,
        cast(0 as bigint) as line_from,
        quantity as line_to,
        cast(null as bigint) as month_from,
        cast(null as bigint) as month_to,
        cast(null as bigint) as term_from
    from {{ ref('int_priced_usage') }}
    where
        resource_kind in ('cloud', 'cloud_cost', 'resale')
        and quantity <> 0
)

select
    day,
    tenant_id,
    sku_id,
    price_window,
    qos,
    coverage,
    contract_id,
    contract_from,
    cast(line_from as bigint) as line_from,
    cast(line_to as bigint) as line_to,
    cast(month_from as bigint) as month_from,
    cast(month_to as bigint) as month_to,
    cast(term_from as bigint) as term_from,
    cast(term_from + line_to - line_from as bigint) as term_to
from pieces
