"""Allow, deny, require approval; and why."""
