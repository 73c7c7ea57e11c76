-- From a published figure to its evidence: each Usage charge and each row of supply and use with the records behind it,
-- how much of each, and where the record was delivered; docs/lineage.md says which row of it a published row has. Tax
-- and Adjustment charges follow from the Usage charges of their line. What the charges of a closed period were made of
-- was frozen with them.
{{ config(materialized='view') }}
with open_charges as (
    select
        charges.charge_id,
        lines.record_hash,
        lines.quantity,
        lines.landing_id,
        lines.landing_row
    from {{ ref('int_metered_usage') }} as lines
    inner join {{ ref('int_charges') }} as charges
        on
            lines.day = charges.day
            and lines.tenant_id = charges.tenant_id
            and lines.site_id = charges.site_id
            and lines.sku_id = charges.sku_id
            and lines.price_window = charges.price_window
    where
        lines.reason is null
        and charges.charge_category = 'Usage'
        and not {{ is_closed('charges.billing_period') }}
)

select
    'charges' as table_name,
    open_charges.charge_id as row_key,
    open_charges.record_hash,
    open_charges.quantity,
    open_charges.landing_id,
    open_charges.landing_row
from open_charges
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
union all
select
    beside.table_name,
    beside.row_key,
    beside.record_hash,
    beside.quantity,
    beside.landing_id,
    beside.landing_row
from {{ ref('int_evidence_beside') }} as beside
