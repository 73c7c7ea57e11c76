{{ effective_rows('facility_readings') }}
