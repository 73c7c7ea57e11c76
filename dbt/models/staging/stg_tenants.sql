{{ effective_rows('tenants') }}
