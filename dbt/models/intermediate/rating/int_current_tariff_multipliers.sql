-- The newest knowledge of each key of tariff_multipliers. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_tariff_multipliers'), natural_keys()['tariff_multipliers']) }}
)

select *
from revisions
where not is_conflict
