"""Documents: reading, cutting, quoting."""
