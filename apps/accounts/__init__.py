"""Who: workspaces, people, memberships; the schema and role switch."""
