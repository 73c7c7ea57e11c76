-- Bad rows: adjustments of a closed period, a tenant and a SKU that do not follow on each other or do not add up. The newest
-- closing amount is what is known now, to the micro-yuan, and in fen that of all lines, closed and of corrections.
with closed as (
    select
        charge_period,
        tenant_id,
        site_id,
        sku_id,
        sum(gross_fen) as fen
    from {{ ref('statement_lines') }}
    where {{ is_closed('charge_period') }}
    group by charge_period, tenant_id, site_id, sku_id
),

known as (
    select
        billing_period as charge_period,
        tenant_id,
        site_id,
        sku_id,
        sum(billed_micro_yuan) as micro_yuan
    from {{ ref('int_known_charges') }}
    where {{ is_closed('billing_period') }}
    group by billing_period, tenant_id, site_id, sku_id
),

newest as (
    select
        *,
        lag(closing_fen) over (
            partition by charge_period, tenant_id, site_id, sku_id order by period
        ) as previous_fen,
        row_number() over (
            partition by charge_period, tenant_id, site_id, sku_id order by period desc
        ) as place
    from {{ ref('adjustments') }}
)

select
    newest.*,
    closed.fen,
    known.micro_yuan
from newest
left join closed
    on
        newest.charge_period = closed.charge_period
        and newest.tenant_id = closed.tenant_id
        and newest.site_id = closed.site_id
        and newest.sku_id = closed.sku_id
left join known
    on
        newest.charge_period = known.charge_period
        and newest.tenant_id = known.tenant_id
        and newest.site_id = known.site_id
        and newest.sku_id = known.sku_id
where
    newest.opening_fen != coalesce(newest.previous_fen, newest.opening_fen)
    or (
        newest.place = 1
        and (
            newest.closing_fen != coalesce(closed.fen, 0)
            or newest.closing_micro_yuan != coalesce(known.micro_yuan, 0)
        )
    )
