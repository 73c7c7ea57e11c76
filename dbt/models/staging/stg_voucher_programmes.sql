{{ effective_rows('voucher_programmes') }}
