-- Bad rows: Usage charges whose records, as lineage names them, do not sum to their quantity or were never received. Where a
-- correction is of a price alone, its quantity is nothing and it has no records.
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
    coalesce(charges.quantity, 0) != coalesce(evidence.quantity, 0)
    or charges.charge_id is null
    or evidence.unknown_landings != 0
