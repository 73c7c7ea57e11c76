-- Everybody whom the books know: parties, the parties of sites, and tenants, with the accounts that payments from and to
-- them go through. What customers pay (tenants, their groups, issuers of vouchers) comes off 应收账款, even of one that has
-- a site too; what is paid to providers and operators goes off 应付账款.
with roles as (
    select
        party_id,
        kind
    from {{ ref('int_current_parties') }}
    union
    select
        provider_party as party_id,
        'provider' as kind
    from {{ source('inputs', 'sites') }}
    where provider_party is not null
    union
    select
        operator_party as party_id,
        'operator' as kind
    from {{ source('inputs', 'sites') }}
    where operator_party is not null
    union
    select
        tenant_id as party_id,
        'tenant' as kind
    from {{ ref('int_current_tenants') }}
)

select
    party_id,
    max(case when kind = 'network_operator' then 1 else 0 end) = 1 as is_network_operator,
    case
        when max(case when kind = 'network_operator' then 1 else 0 end) = 1 then '1002'
        when max(case when kind in ('tenant', 'tenant_group', 'voucher_issuer') then 1 else 0 end) = 1 then '1122'
        when max(case when kind = 'tax_authority' then 1 else 0 end) = 1 then '2221'
        else '2202'
    end as payer_account,
    case
        when max(case when kind = 'network_operator' then 1 else 0 end) = 1 then '1002'
        when max(case when kind = 'tax_authority' then 1 else 0 end) = 1 then '2221'
        when max(case when kind in ('provider', 'operator') then 1 else 0 end) = 1 then '2202'
        else '1122'
    end as payee_account
from roles
group by party_id
