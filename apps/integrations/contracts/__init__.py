"""What we need from outside, as protocols and frozen values."""
