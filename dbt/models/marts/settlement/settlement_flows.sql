-- What customer segments pay to whom, in fen: the parts of statement lines, summed. Segment and class are those in force on
-- the last day of the month that a line is charged for, as they are known now, for closed periods too.
{{ config(materialized='view') }}
with tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

lines as (
    select
        line_id,
        tenant_id,
        site_id,
        sku_id,
        line_kind,
        charge_class,
        last_day(cast(charge_period || '-01' as date)) as last_day
    from {{ ref('statement_lines') }}
)

select
    splits.period,
    coalesce(tenants.segment, 'unattributed') as segment,
    lines.site_id,
    coalesce(skus.compute_class, 'unknown') as compute_class,
    lines.line_kind,
    splits.role,
    splits.party_id,
    cast(sum(splits.amount_fen) as bigint) as amount_fen,
    cast(sum(case when lines.charge_class = 'Correction' then splits.amount_fen else 0 end) as bigint) as correction_fen
from {{ ref('line_splits') }} as splits
inner join lines
    on splits.line_id = lines.line_id
left join tenants
    on
        lines.tenant_id = tenants.tenant_id
        and {{ in_force('lines.last_day', 'tenants') }}
left join skus
    on
        lines.sku_id = skus.sku_id
        and {{ in_force('lines.last_day', 'skus') }}
group by
    splits.period,
    coalesce(tenants.segment, 'unattributed'),
    lines.site_id,
    coalesce(skus.compute_class, 'unknown'),
    lines.line_kind,
    splits.role,
    splits.party_id
