-- The newest knowledge of each key of calendar_days. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_calendar_days'), natural_keys()['calendar_days']) }}
)

select *
from revisions
where not is_conflict
