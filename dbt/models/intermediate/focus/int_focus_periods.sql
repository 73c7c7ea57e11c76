-- Billing periods by issuer of their invoices, with the issuer's name. A period exists from its first instant on; it was
-- last updated at the cut-off of its close, or at the newest knowledge while it is open.
{{ config(materialized='view') }}
with issuers as (
    select distinct
        period,
        counterparty_id
    from {{ ref('statement_lines') }}
),

newest as (
    select max(landings.known_at) as known_at
    from {{ source('inputs', 'landings') }} as landings
    where landings.effective
),

dates as (
    select
        periods.period,
        periods.state = 'closed' as is_closed,
        issuers.counterparty_id as issuer_id,
        {{ period_start('periods.period') }} as starts_at,
        {{ period_end('periods.period') }} as ends_at,
        case when periods.state = 'closed' then periods.cutoff else newest.known_at end as updated_at
    from {{ ref('periods') }} as periods
    inner join issuers
        on periods.period = issuers.period
    cross join newest
)

select
    dates.period,
    dates.is_closed,
    dates.issuer_id,
    coalesce(names.name, dates.issuer_id) as issuer_name,
    dates.starts_at,
    dates.ends_at,
    greatest(dates.starts_at, coalesce(dates.updated_at, dates.starts_at)) as updated_at
from dates
left join {{ ref('int_focus_names') }} as names
    on
        dates.period = names.period
        and dates.issuer_id = names.party_id
