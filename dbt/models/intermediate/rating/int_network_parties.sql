-- Who bills the tenants and who receives the tax in a billing period: the party of each kind in force on its last day.
-- A test demands exactly one of each in every period that has lines or guarantees, and in the first open one, in which
-- corrections are booked.
{{ config(materialized='view') }}
with first_open as (
    select {{ following_period('max(period)') }} as period
    from {{ ref('int_closed_periods') }}
),

periods as (
    select distinct
        billing_period as period,
        last_day(day) as last_day
    from {{ ref('int_charges') }}
    union
    select
        period,
        {{ last_day_of('period') }} as last_day
    from first_open
    where period is not null
    union
    select
        period,
        {{ last_day_of('period') }} as last_day
    from {{ ref('int_guarantees') }}
),

parties as (
    {{ dated(ref('int_current_parties'), ['party_id']) }}
)

select
    periods.period,
    min(case when parties.kind = 'network_operator' then parties.party_id end) as network_operator,
    min(case when parties.kind = 'tax_authority' then parties.party_id end) as tax_authority,
    count(case when parties.kind = 'network_operator' then 1 end) as network_operators,
    count(case when parties.kind = 'tax_authority' then 1 end) as tax_authorities
from periods
left join parties
    on {{ in_force('periods.last_day', 'parties') }}
group by periods.period
