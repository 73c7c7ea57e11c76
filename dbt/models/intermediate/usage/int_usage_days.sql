-- Usage with its evidence, whoever owes it: one row per record × business day × price window × resource kind, in
-- unit-seconds. Rows of conflicting records are marked and count for nothing.
{{ config(materialized='view') }}
select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    day,
    price_window,
    compute_class,
    resource_kind,
    model,
    start_s,
    end_s,
    unit_milli,
    quantity,
    nested_quantity,
    is_open,
    is_conflict
from {{ ref('int_metered_usage') }}
