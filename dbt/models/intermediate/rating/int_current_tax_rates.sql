-- The newest knowledge of each key of tax_rates. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_tax_rates'), natural_keys()['tax_rates']) }}
)

select *
from revisions
where not is_conflict
