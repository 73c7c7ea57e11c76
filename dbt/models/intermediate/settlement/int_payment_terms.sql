-- Within how many days after the end of a period a tenant is to pay, where a contract says so: what is in force on the
-- period's last day, the tenant's own term before that of its segment, then the longest. As known now, in closed periods
-- too: a term that comes late moves the day on which money is due, and no amount.
{{ config(materialized='view') }}
with months as (
    select
        party_id as tenant_id,
        period
    from {{ ref('statement_lines') }}
    union
    select
        payer_party_id as tenant_id,
        period
    from {{ ref('int_payments') }}
    union
    select
        payee_party_id as tenant_id,
        period
    from {{ ref('int_payments') }}
),

tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
),

terms as (
    {{ dated(ref('int_current_service_contracts'), ['contract_id']) }}
),

offered as (
    select
        months.period,
        months.tenant_id,
        terms.contract_id,
        terms.payment_days,
        row_number() over (
            partition by months.period, months.tenant_id
            order by
                case when terms.tenant_id is not null then 0 else 1 end asc,
                terms.payment_days desc,
                terms.contract_id asc
        ) as place
    from months
    inner join tenants
        on
            months.tenant_id = tenants.tenant_id
            and {{ in_force(last_day_of('months.period'), 'tenants') }}
    inner join terms
        on
            terms.kind = 'payment'
            and {{ in_force(last_day_of('months.period'), 'terms') }}
            and ({{ last_day_of('months.period') }} < terms.valid_to or terms.valid_to is null)
            and coalesce(tenants.tenant_id = terms.tenant_id, tenants.segment = terms.segment)
)

select
    period,
    tenant_id,
    contract_id,
    payment_days
from offered
where place = 1
