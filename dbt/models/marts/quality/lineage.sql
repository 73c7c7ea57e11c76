-- From a published figure to its evidence: each Usage charge and each row of supply and use with the records behind it,
-- how much of each, and where the record was delivered; docs/lineage.md says which row of it a published row has. Fees,
-- Tax and Adjustment charges follow from contracts and from the Usage charges of their line. Where several charges share
-- a line of usage (tiers, what a contract covers), its records are theirs in the order in which they began. What the
-- charges of a closed period were made of was frozen with them.
{{ config(materialized='view') }}
with pieces as (
    select
        *,
        count(*) over (partition by day, tenant_id, sku_id, price_window, qos) as pieces
    from {{ ref('int_charge_pieces') }}
    where not {{ is_closed(period_of_day('charge_day')) }}
),

divided as (
    select distinct
        day,
        tenant_id,
        sku_id,
        price_window,
        qos
    from pieces
    where pieces > 1
),

records as (
    select
        lines.*,
        coalesce(sum(lines.quantity) over (
            partition by lines.day, lines.tenant_id, lines.sku_id, lines.price_window, lines.qos
            order by lines.start_s, lines.landing_id, lines.landing_row
            rows between unbounded preceding and 1 preceding
        ), 0) as record_from
    from {{ ref('int_billable_lines') }} as lines
    inner join divided
        on
            lines.day = divided.day
            and lines.tenant_id = divided.tenant_id
            and lines.sku_id = divided.sku_id
            and lines.price_window = divided.price_window
            and lines.qos is not distinct from divided.qos
),

open_charges as (
    select
        pieces.charge_id,
        lines.record_hash,
        lines.quantity,
        lines.landing_id,
        lines.landing_row
    from {{ ref('int_billable_lines') }} as lines
    inner join pieces
        on
            lines.day = pieces.day
            and lines.tenant_id = pieces.tenant_id
            and lines.sku_id = pieces.sku_id
            and lines.price_window = pieces.price_window
            and lines.qos is not distinct from pieces.qos
            and pieces.pieces = 1
    union all
    select
        pieces.charge_id,
        records.record_hash,
        cast(
            least(records.record_from + records.quantity, pieces.line_to)
            - greatest(records.record_from, pieces.line_from) as bigint
        ) as quantity,
        records.landing_id,
        records.landing_row
    from records
    inner join pieces
        on
            records.day = pieces.day
            and records.tenant_id = pieces.tenant_id
            and records.sku_id = pieces.sku_id
            and records.price_window = pieces.price_window
            and records.qos is not distinct from pieces.qos
            and records.record_from < pieces.line_to
            and records.record_from + records.quantity > pieces.line_from
    where pieces.pieces > 1
)

select
    'charges' as table_name,
    open_charges.charge_id as row_key,
    open_charges.record_hash,
    cast(sum(open_charges.quantity) as bigint) as quantity,
    open_charges.landing_id,
    open_charges.landing_row
from open_charges
group by open_charges.charge_id, open_charges.record_hash, open_charges.landing_id, open_charges.landing_row
union all
select
    frozen.table_name,
    frozen.row_key,
    frozen.record_hash,
    frozen.quantity,
    frozen.landing_id,
    frozen.landing_row
from {{ source('ledger', 'closed_lineage') }} as frozen
union all
select
    evidence.table_name,
    evidence.row_key,
    evidence.record_hash,
    evidence.quantity,
    evidence.landing_id,
    evidence.landing_row
from {{ ref('int_evidence') }} as evidence
