-- FOCUS 1.4 Billing Period: one row per period in which there are statement lines and issuer of its invoices.
{{ config(materialized='view') }}
select
    periods.starts_at as BillingPeriodCreated,
    periods.ends_at as BillingPeriodEnd,
    periods.updated_at as BillingPeriodLastUpdated,
    periods.starts_at as BillingPeriodStart,
    case when periods.is_closed then 'Closed' else 'Open' end as BillingPeriodStatus,
    periods.issuer_name as InvoiceIssuerName
from {{ ref('int_focus_periods') }} as periods
