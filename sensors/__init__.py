"""When things run, and when people are told: arrivals, fetching, lateness. What is done is decided in `pipelines`."""
