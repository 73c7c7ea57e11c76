-- Bad rows: credits for service that a contract does not apply or that were not missed, of another amount than proposed,
-- beyond the cost that they are a share of, or judged otherwise than by what was measured; applied credits without charge.
with charged as (
    select
        billing_period as period,
        tenant_id,
        site_id,
        contract_id,
        sum(case when charge_category = 'Credit' then billed_micro_yuan else 0 end) as credit,
        sum(case when charge_category = 'Tax' then billed_micro_yuan else 0 end) as tax
    from {{ ref('int_charges') }}
    where line_kind = 'sla_credit'
    group by billing_period, tenant_id, site_id, contract_id
)

select
    coalesce(credits.period, charged.period) as period,
    coalesce(credits.tenant_id, charged.tenant_id) as tenant_id,
    coalesce(credits.contract_id, charged.contract_id) as contract_id,
    credits.status,
    credits.credit_micro_yuan,
    charged.credit
from {{ ref('sla_credits') }} as credits
full outer join charged
    on
        credits.period = charged.period
        and credits.tenant_id = charged.tenant_id
        and credits.site_id = charged.site_id
        and credits.contract_id = charged.contract_id
where
    credits.period is null
    or coalesce(-charged.credit, 0) != case when credits.applied then credits.credit_micro_yuan else 0 end
    or coalesce(-charged.tax, 0) != case when credits.applied then credits.credit_tax_micro_yuan else 0 end
    or credits.credit_micro_yuan > credits.contracted_cost_micro_yuan
    or (credits.status = 'unknown') != (credits.total is null)
    or (
        credits.total is not null
        and (credits.status = 'missed') != (
            {{ exact_product('credits.good', '1000000') }} < {{ exact_product('credits.total', 'credits.target_ppm') }}
        )
    )
    or (credits.status = 'met' and credits.credit_micro_yuan != 0)
    or (credits.status = 'unknown' and credits.credit_micro_yuan is not null)
