-- Who an account of a site belongs to on a day: one row per account with a mapping valid on the day. Two valid mappings
-- are a conflict, whoever they name; a tenant that nobody has registered by the day is named but cannot be billed.
{{ config(materialized='view') }}
with first_known as (
    select
        tenant_id,
        min(valid_from) as first_day
    from {{ ref('int_current_tenants') }}
    group by tenant_id
),

mapped as (
    select
        days.day,
        mappings.site_id,
        mappings.account,
        count(*) as mappings,
        min(mappings.tenant_id) as tenant_id
    from {{ ref('int_rating_days') }} as days
    inner join {{ ref('int_current_tenant_accounts') }} as mappings
        on
            days.day >= mappings.valid_from
            and (days.day < mappings.valid_to or mappings.valid_to is null)
    group by days.day, mappings.site_id, mappings.account
)

select
    mapped.day,
    mapped.site_id,
    mapped.account,
    case when mapped.mappings = 1 then mapped.tenant_id end as tenant_id,
    case
        when mapped.mappings > 1 then 'account_conflict'
        when first_known.tenant_id is null then 'tenant_unknown'
    end as reason
from mapped
left join first_known
    on
        mapped.tenant_id = first_known.tenant_id
        and mapped.day >= first_known.first_day
