"""Ways to get what a source offers, one module each: list what is there, fetch one thing whole.

A module with a `connect` is a transport; its settings are described in `site.schema.json` under `transport_<name>`.
No transport knows another, and none knows what the bytes mean.
"""
