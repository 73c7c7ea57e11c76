"""The pages that go with a release: a dashboard for everybody, one for finance, and what each table means."""
