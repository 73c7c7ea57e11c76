-- The newest knowledge of each key of tariff_rates. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_tariff_rates'), natural_keys()['tariff_rates']) }}
)

select *
from revisions
where not is_conflict
