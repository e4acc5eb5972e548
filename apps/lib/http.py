"""One outbound HTTP client."""
