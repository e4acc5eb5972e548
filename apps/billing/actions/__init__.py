"""Money moves here only."""
