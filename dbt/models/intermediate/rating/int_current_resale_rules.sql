-- The newest knowledge of each key of resale_rules. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_resale_rules'), natural_keys()['resale_rules']) }}
)

select *
from revisions
where not is_conflict
