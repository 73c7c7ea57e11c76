-- Statement lines of corrections, in fen: like those of sales, one per original period, and apart from the sales of the
-- period in which they are booked.
with sums as (
    {{ line_sums(ref('int_corrections'), unit='unit') }}
)

{{ rounded_lines('sums') }}
