{{ effective_rows('rack_inventory') }}
