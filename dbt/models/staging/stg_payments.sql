{{ effective_rows('payments') }}
