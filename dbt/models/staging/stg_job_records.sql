{{ effective_rows('job_records') }}
