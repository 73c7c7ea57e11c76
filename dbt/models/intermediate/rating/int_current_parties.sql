-- The newest knowledge of each key of parties. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_parties'), natural_keys()['parties']) }}
)

select *
from revisions
where not is_conflict
