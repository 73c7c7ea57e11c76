{{ effective_rows('green_certificates') }}
