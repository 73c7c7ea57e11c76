{{ effective_rows('feed_totals') }}
