{{ effective_rows('parties') }}
