-- The newest knowledge of each key of tenants. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_tenants'), natural_keys()['tenants']) }}
)

select *
from revisions
where not is_conflict
