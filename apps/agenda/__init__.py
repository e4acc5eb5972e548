"""What is due, across workspaces: dispatch index, pending approvals, outbox. Ids only, never content."""
