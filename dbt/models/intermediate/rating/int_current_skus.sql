-- The newest knowledge of each key of skus. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_skus'), natural_keys()['skus']) }}
)

select *
from revisions
where not is_conflict
