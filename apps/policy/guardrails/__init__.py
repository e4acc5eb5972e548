"""Signals about text; safety does not rest on them."""
