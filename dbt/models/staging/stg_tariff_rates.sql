{{ effective_rows('tariff_rates') }}
