"""The doors of the site."""
