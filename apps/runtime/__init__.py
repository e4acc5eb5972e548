"""How it runs: lanes, retries, leases. Knows steps, knows nothing of research."""
