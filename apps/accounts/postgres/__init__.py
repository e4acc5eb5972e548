"""Database back end, named by settings as ENGINE; loaded before any model."""
