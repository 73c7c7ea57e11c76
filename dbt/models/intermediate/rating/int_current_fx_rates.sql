-- The newest knowledge of each key of fx_rates. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_fx_rates'), natural_keys()['fx_rates']) }}
)

select *
from revisions
where not is_conflict
