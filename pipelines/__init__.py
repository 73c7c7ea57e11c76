"""Python that moves rows: landing, bronze, warehouse, release, and what commands and Dagster call."""
