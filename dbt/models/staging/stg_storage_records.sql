{{ effective_rows('storage_records') }}
