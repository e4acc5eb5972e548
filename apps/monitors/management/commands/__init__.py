"""Commands of monitors."""
