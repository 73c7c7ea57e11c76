-- FOCUS 1.4 Invoice Detail: what each statement line holds of a charge category, in yuan; what the categories differ from
-- the line's fen by is its Adjustment, so that the details sum to what is invoiced. An invoice is issued by the close.
{{ config(materialized='view') }}
with categories as (
    select
        line_id,
        billing_period,
        charge_category,
        cast(sum(billed_cost_micro_yuan) as bigint) as billed_micro_yuan
    from {{ ref('charges') }}
    where charge_category != 'Adjustment'
    group by line_id, billing_period, charge_category
),

billed as (
    select
        line_id,
        billing_period,
        cast(sum(billed_micro_yuan) as bigint) as billed_micro_yuan
    from categories
    group by line_id, billing_period
),

details as (
    select * from categories
    union all
    select
        lines.line_id,
        lines.period as billing_period,
        'Adjustment' as charge_category,
        lines.gross_fen * 10000 - coalesce(billed.billed_micro_yuan, 0) as billed_micro_yuan
    from {{ ref('statement_lines') }} as lines
    left join billed
        on
            lines.line_id = billed.line_id
            and lines.period = billed.billing_period
    where lines.gross_fen * 10000 != coalesce(billed.billed_micro_yuan, 0)
),

invoiced as (
    select
        details.charge_category,
        details.billed_micro_yuan,
        lines.*,
        {{ focus_invoice_id('lines.period', 'lines.tenant_id', 'lines.charge_class', 'lines.charge_period') }} as invoice_id,
        lines.charge_period || '/' || lines.tenant_id as original_id,
        coalesce(terms.payment_days, {{ payment_days() }}) as payment_days
    from details
    inner join {{ ref('statement_lines') }} as lines
        on
            details.line_id = lines.line_id
            and details.billing_period = lines.period
    left join {{ ref('int_payment_terms') }} as terms
        on
            lines.tenant_id = terms.tenant_id
            and lines.period = terms.period
),

invoices as (
    select distinct invoice_id from invoiced
)

select
    {{ yuan('invoiced.billed_micro_yuan') }} as BilledCost,
    invoiced.tenant_id as BillingAccountId,
    'CNY' as BillingCurrency,
    periods.ends_at as BillingPeriodEnd,
    periods.starts_at as BillingPeriodStart,
    invoiced.charge_category as ChargeCategory,
    periods.starts_at as InvoiceDetailCreated,
    invoiced.charge_category || ': ' || invoiced.sku_id || ' ' || invoiced.charge_period as InvoiceDetailDescription,
    '{"SkuId":"' || invoiced.sku_id || '","x_ChargePeriod":"' || invoiced.charge_period
    || '","x_LineId":"' || invoiced.line_id || '"}' as InvoiceDetailGrain,
    {{ focus_invoice_detail_id('invoiced.line_id', 'invoiced.charge_category') }} as InvoiceDetailId,
    periods.updated_at as InvoiceDetailLastUpdated,
    invoiced.invoice_id as InvoiceId,
    {{ timestamp_of_epoch('null') }} as InvoiceIssueDate,
    case when periods.is_closed then 'Issued' else 'Open' end as InvoiceIssueStatus,
    periods.issuer_name as InvoiceIssuerName,
    {{ timestamp_of_epoch(epoch_of_day(add_days(last_day_of('invoiced.period'), 'invoiced.payment_days'))) }} as PaymentDueDate,
    'Net ' || cast(invoiced.payment_days as string) || ' from the end of the billing period' as PaymentTerms,
    case
        when invoiced.charge_class = 'Correction' then coalesce(originals.invoice_id, invoiced.invoice_id)
        else invoiced.invoice_id
    end as ReferenceInvoiceId,
    invoiced.invoice_no as x_InvoiceNo,
    invoiced.line_id as x_LineId,
    invoiced.red_invoice_of as x_RedInvoiceOf
from invoiced
inner join {{ ref('int_focus_periods') }} as periods
    on
        invoiced.period = periods.period
        and invoiced.counterparty_id = periods.issuer_id
left join invoices as originals
    on invoiced.original_id = originals.invoice_id
