"""The interface, looked at in a browser without the product behind it."""
