-- Bad rows: amounts beyond what the arithmetic was made for. A charge stays under a thousand million yuan, a line under
-- a hundred times that, so that no sum or product of a period comes near the bounds of its type; a rounding charge is
-- half a fen at most; a quantity is more than zero, but that of a provider's bill, which holds refunds, and where a
-- correction takes some of it back.
select
    charge_id as id,
    billed_cost_micro_yuan as amount
from {{ ref('charges') }}
where
    abs(billed_cost_micro_yuan) > 1000000000000000
    or (charge_category = 'Adjustment' and abs(billed_cost_micro_yuan) > 5000)
    or (quantity <= 0 and charge_class is null and coalesce(unit, '') not in ('micro-CNY', 'nano-unit'))
union all
select
    line_id as id,
    gross_fen as amount
from {{ ref('statement_lines') }}
where abs(gross_fen) > 10000000000000
