{{ effective_rows('resale_rules') }}
