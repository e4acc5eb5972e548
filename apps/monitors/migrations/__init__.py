"""Schema changes of this room; imports nothing of another room."""
