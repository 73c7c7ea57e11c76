"""The door for people outside: a release in PostgreSQL, with roles that PostgreSQL itself holds them to."""
