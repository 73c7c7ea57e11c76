-- What each voucher pays of which line, what is left of it, and why it pays no more: as known now, of every period.
-- Statement lines of closed periods stay as they were closed; docs/vouchers.md has the evidence for an issuer.
{{ config(materialized='view') }}
select
    redemptions.voucher_id,
    redemptions.line_id,
    redemptions.period,
    redemptions.programme_id,
    redemptions.issuer_party_id,
    redemptions.tenant_id,
    redemptions.site_id,
    redemptions.sku_id,
    redemptions.gross_fen,
    redemptions.share_ppm,
    redemptions.redeemed_fen,
    redemptions.cap_left_fen,
    redemptions.budget_left_fen,
    redemptions.limited_by,
    redemptions.tenant_line_id,
    redemptions.issuer_line_id,
    redemptions.revision,
    redemptions.record_hash
from {{ ref('int_voucher_redemptions') }} as redemptions
