"""Bytes of a document in, clean text with offsets out."""
