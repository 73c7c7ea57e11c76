{{ effective_rows('tenant_accounts') }}
