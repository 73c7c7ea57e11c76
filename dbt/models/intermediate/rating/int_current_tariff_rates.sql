-- The newest knowledge of each key of tariff_rates, with the days for which it counts (counts_from to the day before
-- counts_until; NULL: no bound). Open periods go by what is known now; a closed one by what was known at its close, so
-- that a tariff that arrives late is refused there, unless a decision accepted that version: then by what was known when
-- it was accepted. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with closed as (
    select
        closes.cutoff,
        cast(closes.period || '-01' as date) as first_day,
        {{ add_days("last_day(cast(closes.period || '-01' as date))", '1') }} as next_day
    from {{ source('ledger', 'closes') }} as closes
    where closes.state = 'closed'
),

following as (
    select
        next_day as first_day,
        lead(first_day) over (order by first_day) as next_day
    from closed
),

open_spans as (
    select
        cast(null as date) as first_day,
        min(first_day) as next_day
    from closed
    union all
    select
        first_day,
        next_day
    from following
    where next_day is null or first_day < next_day
),

decided as (
    select
        tariff_id,
        tariff_version,
        outcome,
        decided_at,
        row_number() over (partition by tariff_id, tariff_version order by entry_no desc) as age
    from {{ source('ledger', 'decisions') }}
    where kind = 'late_tariff'
),

accepted as (
    select
        tariff_id,
        tariff_version,
        decided_at
    from decided
    where age = 1 and outcome = 'accepted'
),

counting as (
    select
        rates.*,
        open_spans.first_day as counts_from,
        open_spans.next_day as counts_until
    from {{ ref('stg_tariff_rates') }} as rates
    cross join open_spans
    union all
    select
        records.*,
        landings.known_at,
        closed.first_day as counts_from,
        closed.next_day as counts_until
    from {{ source('bronze', 'tariff_rates') }} as records
    inner join {{ source('inputs', 'tariff_landings') }} as landings
        on records.landing_id = landings.landing_id
    left join accepted
        on
            records.tariff_id = accepted.tariff_id
            and records.version = accepted.tariff_version
    inner join closed
        on landings.as_of = greatest(closed.cutoff, coalesce(accepted.decided_at, closed.cutoff))
    where records.received_at <= landings.as_of
),

revisions as (
    {{ current_rows('counting', ['counts_from'] + natural_keys()['tariff_rates']) }}
)

select *
from revisions
where not is_conflict
