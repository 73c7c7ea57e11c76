"""Statements of account: what they say, as PDF and Excel, and how they are written with a release."""
