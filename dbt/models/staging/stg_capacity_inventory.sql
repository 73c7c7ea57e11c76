{{ effective_rows('capacity_inventory') }}
