{{ effective_rows('cloud_charges') }}
