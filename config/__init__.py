"""Wiring only; nobody imports it."""
