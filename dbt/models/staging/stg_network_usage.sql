{{ effective_rows('network_usage') }}
