{{ effective_rows('tariff_multipliers') }}
