{{ effective_rows('instance_records') }}
