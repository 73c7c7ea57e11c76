-- Bad rows: charges whose period and issuer FOCUS has no billing period of, or invoices that refer to none that there is.
select
    charges.x_ChargeKey as id,
    'period' as what
from {{ ref('focus_cost_and_usage') }} as charges
left join {{ ref('focus_billing_period') }} as periods
    on
        charges.BillingPeriodStart = periods.BillingPeriodStart
        and charges.InvoiceIssuerName = periods.InvoiceIssuerName
where periods.BillingPeriodStart is null
union all
select
    details.InvoiceDetailId as id,
    'reference' as what
from {{ ref('focus_invoice_detail') }} as details
left join {{ ref('focus_invoice_detail') }} as referred
    on details.ReferenceInvoiceId = referred.InvoiceId
where
    referred.InvoiceId is null
    or (details.ReferenceInvoiceId != details.InvoiceId and referred.BillingAccountId != details.BillingAccountId)
