-- From a published figure to its evidence: each Usage charge and each row of utilisation_daily with the records that it
-- counts, how much of each, and where the record was delivered. Tax and Adjustment charges follow from the Usage
-- charges of their line. What a closed period was made of is looked up among all records ever received.
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
),

received as (
    select
        record_hash,
        landing_id,
        landing_row
    from {{ source('bronze', 'job_records') }}
    where record_hash in (select frozen.record_hash from {{ source('ledger', 'closed_metered_usage') }} as frozen)
    qualify row_number() over (partition by record_hash order by landing_id, landing_row) = 1
),

closed_charges as (
    select
        charges.charge_id,
        lines.record_hash,
        lines.quantity,
        received.landing_id,
        received.landing_row
    from {{ source('ledger', 'closed_metered_usage') }} as lines
    inner join {{ source('ledger', 'closed_charges') }} as charges
        on
            lines.period = charges.billing_period
            and lines.day = {{ business_day('charges.charge_period_start') }}
            and lines.tenant_id = charges.tenant_id
            and lines.site_id = charges.site_id
            and lines.sku_id = charges.sku_id
            and lines.{{ quote_window() }} = charges.{{ quote_window() }}
    left join received
        on lines.record_hash = received.record_hash
    where
        lines.reason is null
        and charges.charge_category = 'Usage'
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
    'charges' as table_name,
    closed_charges.charge_id as row_key,
    closed_charges.record_hash,
    closed_charges.quantity,
    closed_charges.landing_id,
    closed_charges.landing_row
from closed_charges
union all
select
    'utilisation_daily' as table_name,
    lines.site_id || '|' || cast(lines.day as string) || '|' || lines.compute_class
    || '|' || lines.resource_kind || '|' || lines.model as row_key,
    lines.record_hash,
    lines.quantity,
    lines.landing_id,
    lines.landing_row
from {{ ref('int_usage_days') }} as lines
where not lines.is_conflict
