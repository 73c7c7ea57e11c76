-- Everybody whom the books know: parties, the parties of sites and tenants, with the account on which the network
-- operator keeps what it is paid by them and what it pays them. A tenant's payments come in on 应收账款 even where it is a
-- party too; what is paid to a party goes off 应付账款.
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
        when max(case when kind = 'tenant' then 1 else 0 end) = 1 then '1122'
        when max(case when kind = 'tax_authority' then 1 else 0 end) = 1 then '2221'
        else '2202'
    end as payer_account,
    case
        when max(case when kind = 'network_operator' then 1 else 0 end) = 1 then '1002'
        when max(case when kind = 'tax_authority' then 1 else 0 end) = 1 then '2221'
        when max(case when kind not in ('tenant', 'tenant_group') then 1 else 0 end) = 1 then '2202'
        else '1122'
    end as payee_account
from roles
group by party_id
