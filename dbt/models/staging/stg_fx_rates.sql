{{ effective_rows('fx_rates') }}
