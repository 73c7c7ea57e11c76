-- The newest knowledge of each key of service_contracts. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_service_contracts'), natural_keys()['service_contracts']) }}
)

select *
from revisions
where not is_conflict
