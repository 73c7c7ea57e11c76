-- The billing periods: open ones with what they amount to so far, corrections among it; closed ones with what they closed
-- at, and with what is known of them since and no closed period holds yet (late_fen: their corrections in the open one).
{{ config(materialized='view') }}
with known as (
    select
        period,
        cast(sum(gross_fen) as bigint) as gross_fen
    from {{ ref('int_statement_lines') }}
    group by period
),

closed as (
    select
        period,
        cast(sum(gross_fen) as bigint) as gross_fen
    from {{ source('ledger', 'closed_statement_lines') }}
    group by period
),

late as (
    select
        charge_month as period,
        cast(sum(gross_fen) as bigint) as gross_fen
    from {{ ref('int_correction_lines') }}
    group by charge_month
),

used as (
    select distinct {{ period_of_day('days.day') }} as period
    from (select distinct day from {{ ref('int_metered_usage') }}) as days
    union
    select distinct {{ period_of_day('sold.day') }} as period
    from {{ ref('int_sold_usage') }} as sold
    union
    select period
    from {{ source('ledger', 'closes') }}
    union
    select period
    from known
)

select
    used.period,
    coalesce(closes.state, 'open') as state,
    closes.cutoff,
    closes.pack_sha256,
    closes.proposed_by,
    closes.approved_by,
    coalesce(case when closes.state = 'closed' then closed.gross_fen else known.gross_fen end, 0) as gross_fen,
    coalesce(late.gross_fen, 0) as late_fen
from used
left join {{ source('ledger', 'closes') }} as closes
    on used.period = closes.period
left join known
    on used.period = known.period
left join closed
    on used.period = closed.period
left join late
    on used.period = late.period
