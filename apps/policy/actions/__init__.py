"""What people change of the rules."""
