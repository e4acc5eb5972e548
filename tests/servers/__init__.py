"""Loopback servers that behave like the outside: a model, a search, a web site."""
