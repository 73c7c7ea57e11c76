-- What was found of facility_readings per source and control day, as its contract counts.
{{ day_fact() }}
{{ control_totals('facility_readings', ['site_id', 'meter_id', 'read_at'], 'read_at') }}
