-- From a published figure to its evidence: each Usage charge and each row of supply and use with the records behind it,
-- how much of each, and where the record was delivered; docs/lineage.md says which row of it a published row has. Fees,
-- Tax and Adjustment charges follow from contracts and from the Usage charges of their line. Where several charges share
-- a line of usage (tiers, what a contract covers), its records are theirs in the order in which they began. What the
-- charges of a closed period were made of was frozen with them; a correction has the difference.
{{ config(materialized='view') }}
select
    'charges' as table_name,
    open_charges.charge_id as row_key,
    open_charges.record_hash,
    open_charges.quantity,
    open_charges.landing_id,
    open_charges.landing_row
from ({{ charge_evidence('not ' ~ is_closed(period_of_day('charge_day'))) }}) as open_charges
union all
select
    'charges' as table_name,
    corrections.charge_id as row_key,
    corrections.record_hash,
    corrections.quantity,
    corrections.landing_id,
    corrections.landing_row
from {{ ref('int_correction_evidence') }} as corrections
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
