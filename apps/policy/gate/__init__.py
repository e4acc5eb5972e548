"""One call outward: the order of checks."""
