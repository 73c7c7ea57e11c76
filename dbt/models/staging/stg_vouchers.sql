{{ effective_rows('vouchers') }}
