"""Adapters that need no network and no key: an extractive engine and a hashing embedder."""
