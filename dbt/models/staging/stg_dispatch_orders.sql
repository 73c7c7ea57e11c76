{{ effective_rows('dispatch_orders') }}
