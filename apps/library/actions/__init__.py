"""Keep, replace, forget."""
