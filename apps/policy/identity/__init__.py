"""As whom."""
