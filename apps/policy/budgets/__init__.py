"""What a month, a person and a run may spend."""
