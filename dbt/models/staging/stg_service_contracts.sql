{{ effective_rows('service_contracts') }}
