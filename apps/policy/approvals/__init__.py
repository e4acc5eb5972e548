"""A person says yes to exactly this."""
