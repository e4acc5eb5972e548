"""What happened: request ids and metrics. Written by every room, reads none; has no pages."""
