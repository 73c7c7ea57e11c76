-- How each contract on a service level judged a site's service in a month, by what evidence, and what credit follows: as
-- known now, of every month that is over. Applied credits are charges; the others are proposals.
{{ config(materialized='view') }}
{%- set judgement = [
    'metric', 'target_ppm', 'good', 'total', 'worst_kind', 'evidence_rows', 'probes', 'status', 'credit_ppm', 'is_applied',
] %}
with credits as (
    select
        parts.*,
        {{ tax_of('parts.contracted_micro_yuan', 'parts.tax_rate_ppm', 'parts.tax_included') }} as contracted_tax,
        {{ tax_of('parts.credit_micro_yuan', 'parts.tax_rate_ppm', 'parts.tax_included') }} as credit_tax,
        case when parts.tax_included then 1 else 0 end as includes_tax
    from {{ ref('int_sla_credits') }} as parts
)

select
    {{ period_of_day('day') }} as period,
    tenant_id,
    site_id,
    contract_id,
    metric,
    target_ppm,
    good,
    total,
    {{ share_of('good', 'total') }} as measured_share,
    worst_kind as resource_kind,
    evidence_rows,
    probes,
    status,
    cast(sum(contracted_micro_yuan - contracted_tax * includes_tax) as bigint) as contracted_cost_micro_yuan,
    credit_ppm,
    cast(sum(credit_micro_yuan - credit_tax * includes_tax) as bigint) as credit_micro_yuan,
    cast(sum(credit_tax) as bigint) as credit_tax_micro_yuan,
    is_applied as applied
from credits
group by day, tenant_id, site_id, contract_id, {{ judgement | join(', ') }}
