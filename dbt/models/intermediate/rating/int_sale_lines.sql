-- Statement lines of what was sold, as known now, in fen. Made whole in every run: its input is a row per tenant, SKU and
-- day, not per job, and parties and sites may change.
with sums as (
    {{ line_sums(ref('int_charges')) }}
)

{{ rounded_lines('sums') }}
