"""Doors of the library: datasets, their documents, uploads."""
