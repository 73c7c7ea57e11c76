{{ effective_rows('network_probes') }}
