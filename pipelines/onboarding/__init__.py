"""A new site before its first day: its folder written (`folder`), its files looked at (`examination`, `habits`)."""
