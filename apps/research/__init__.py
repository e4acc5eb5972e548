"""The product: a question becomes a report that shows its working."""
