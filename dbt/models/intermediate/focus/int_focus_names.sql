-- The names of parties in a billing period: those in force on its last day.
{{ config(materialized='view') }}
with parties as (
    {{ dated(ref('int_current_parties'), ['party_id']) }}
),

periods as (
    select
        period,
        last_day(cast(period || '-01' as date)) as last_day
    from {{ ref('periods') }}
)

select
    periods.period,
    parties.party_id,
    parties.name_zh as name
from periods
inner join parties
    on {{ in_force('periods.last_day', 'parties') }}
