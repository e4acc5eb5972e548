"""Pages: permission, one call, template."""
