{{ effective_rows('emission_factors') }}
