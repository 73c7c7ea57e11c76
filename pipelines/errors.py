"""Errors that people see: one clear sentence each. Nothing else belongs here."""


class Finding(Exception):
    """Something is wrong with the data or its state; a command that meets it ends with exit status 1."""


class WrongUse(Exception):
    """The command was asked for something that cannot be; it ends with exit status 2."""
