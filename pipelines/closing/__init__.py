"""Closing a billing period: what blocks it, what is frozen, the pack that proves it, decisions and disputes."""
