-- What decides a tenant's terms on a day: its segment and member class, as registered by then.
with tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
)

select
    days.day,
    tenants.tenant_id,
    tenants.segment,
    tenants.member_class
from {{ ref('int_rating_days') }} as days
inner join tenants
    on {{ in_force('days.day', 'tenants') }}
