"""Apex and settings pages."""
