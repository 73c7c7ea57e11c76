{{ effective_rows('calendar_days') }}
