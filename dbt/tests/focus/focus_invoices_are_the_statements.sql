-- Bad rows: statement lines to whose fen their invoice details do not sum, or to which the charges of the details do not;
-- details that name another account, category, period, issuer or invoice than one of their charges.
with details as (
    select
        x_LineId as line_id,
        sum(BilledCost) as billed
    from {{ ref('focus_invoice_detail') }}
    group by x_LineId
)

select
    coalesce(lines.line_id, details.line_id) as id,
    'line' as what
from {{ ref('statement_lines') }} as lines
full outer join details
    on lines.line_id = details.line_id
where
    details.line_id is null and lines.gross_fen != 0
    or lines.line_id is null
    or details.billed != {{ yuan(exact_product('lines.gross_fen', '10000')) }}
union all
select
    details.InvoiceDetailId as id,
    'detail' as what
from {{ ref('focus_invoice_detail') }} as details
left join {{ ref('focus_cost_and_usage') }} as charges
    on details.InvoiceDetailId = charges.InvoiceDetailId
group by details.InvoiceDetailId
having
    sum(charges.BilledCost) is distinct from min(details.BilledCost)
    or min(details.InvoiceId) != min(charges.InvoiceId)
    or max(details.InvoiceId) != max(charges.InvoiceId)
    or min(details.BillingAccountId) != min(charges.BillingAccountId)
    or min(details.ChargeCategory) != min(charges.ChargeCategory)
    or min(details.BillingPeriodStart) != min(charges.BillingPeriodStart)
    or min(details.InvoiceIssuerName) != min(charges.InvoiceIssuerName)
union all
select
    charges.x_ChargeKey as id,
    'charge' as what
from {{ ref('focus_cost_and_usage') }} as charges
left join {{ ref('focus_invoice_detail') }} as details
    on charges.InvoiceDetailId = details.InvoiceDetailId
where details.InvoiceDetailId is null
