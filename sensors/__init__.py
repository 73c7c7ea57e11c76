"""When things run: arrivals. What runs is decided in `pipelines`."""
