{{ effective_rows('revenue_shares') }}
