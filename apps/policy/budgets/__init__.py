"""What a run may spend."""
