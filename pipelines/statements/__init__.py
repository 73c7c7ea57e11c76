"""Statements of account as PDF and Excel: from a release's published tables to bytes, the same for the same rows."""
