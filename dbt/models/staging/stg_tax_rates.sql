{{ effective_rows('tax_rates') }}
