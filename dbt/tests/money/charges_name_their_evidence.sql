-- Bad rows: Usage charges whose records, as lineage names them, do not sum to their quantity or were never received.
with evidence as (
    select
        row_key,
        sum(quantity) as quantity,
        count(*) - count(landing_id) as unknown_landings
    from {{ ref('lineage') }}
    where table_name = 'charges'
    group by row_key
)

select
    charges.charge_id,
    evidence.row_key,
    charges.quantity,
    evidence.quantity as evident_quantity
from (
    select
        charge_id,
        quantity
    from {{ ref('charges') }}
    where
        charge_category = 'Usage'
        and not {{ is_unused('coverage') }}
) as charges
full outer join evidence
    on charges.charge_id = evidence.row_key
where
    charges.quantity is distinct from evidence.quantity
    or evidence.unknown_landings != 0
