{{ effective_rows('skus') }}
