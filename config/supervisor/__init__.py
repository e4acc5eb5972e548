"""One supervisor for `make run` and `make demo`: services, then web, gate, worker and scheduler."""
