{{ effective_rows('outages') }}
