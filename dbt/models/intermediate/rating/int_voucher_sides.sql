-- The two sides of what each voucher redeems: the amount comes off the tenant's statement and onto the issuer's.
{{ config(materialized='view') }}
{% for side, payer, sign in [('tenant', 'tenant_id', '-'), ('issuer', 'issuer_party_id', '')] -%}
select
    {{ side }}_line_id as line_id,
    line_id as pays_line_id,
    {{ payer }} as payer_id,
    {{ sign }}redeemed_fen as amount_fen
from {{ ref('int_voucher_redemptions') }}
where redeemed_fen > 0
{{ 'union all' if not loop.last }}
{% endfor -%}
