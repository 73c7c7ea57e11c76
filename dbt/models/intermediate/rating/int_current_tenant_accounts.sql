-- The newest knowledge of each key of tenant_accounts. A key in conflict is left out; int_conflicts lists it.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_tenant_accounts'), natural_keys()['tenant_accounts']) }}
)

select *
from revisions
where not is_conflict
