-- Which records a correction is made of, and how much of each: those behind its charge as known now − as closed − as
-- corrections in closed periods already hold. They sum to the correction's quantity; where only a price differs there are
-- none. A record stands where it was delivered as known now, else where it was when it was frozen.
with closed_charges as (
    select
        charges.charge_id,
        coalesce(charges.correction_of, charges.charge_id) as corrected_id
    from {{ source('ledger', 'closed_charges') }} as charges
    where charges.charge_category = 'Usage'
),

known as (
    {{ charge_evidence(
        period_of_day('charge_day') ~ ' in (select closed.charge_month from ' ~ ref('int_corrections') ~ ' as closed)'
    ) }}
),

sides as (
    select
        charge_id as corrected_id,
        1 as side,
        record_hash,
        quantity,
        landing_id,
        landing_row
    from known
    union all
    select
        charges.corrected_id,
        2 as side,
        frozen.record_hash,
        -frozen.quantity as quantity,
        frozen.landing_id,
        frozen.landing_row
    from {{ source('ledger', 'closed_lineage') }} as frozen
    inner join closed_charges as charges
        on frozen.row_key = charges.charge_id
    where frozen.table_name = 'charges'
),

differences as (
    select
        sides.corrected_id,
        sides.record_hash,
        sum(sides.quantity) over (partition by sides.corrected_id, sides.record_hash) as quantity,
        sides.landing_id,
        sides.landing_row,
        row_number() over (
            partition by sides.corrected_id, sides.record_hash
            order by sides.side, sides.landing_id, sides.landing_row
        ) as place
    from sides
)

select
    corrections.charge_id,
    differences.record_hash,
    cast(differences.quantity as bigint) as quantity,
    differences.landing_id,
    differences.landing_row
from differences
inner join {{ ref('int_corrections') }} as corrections
    on differences.corrected_id = corrections.correction_of
where
    differences.place = 1
    and differences.quantity != 0
