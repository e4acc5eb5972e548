"""Calls the vendor. One file a vendor."""
