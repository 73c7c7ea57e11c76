"""What Dagster sees, in the order of the flow: landing, bronze, warehouse, published; thin, the work is elsewhere."""
