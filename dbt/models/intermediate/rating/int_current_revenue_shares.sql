-- The newest knowledge of each key of revenue_shares. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_revenue_shares'), natural_keys()['revenue_shares']) }}
)

select *
from revisions
where not is_conflict
