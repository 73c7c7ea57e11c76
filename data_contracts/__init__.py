"""The single source of truth: data elements, data contracts, and what derives from them. Moves no rows."""
