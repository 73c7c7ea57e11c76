{{ effective_rows('device_samples') }}
