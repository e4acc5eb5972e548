"""What people and times do to monitors."""
