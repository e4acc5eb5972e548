"""May it? The gate, its ledger, and what the gate asks. The only way to the outside world."""
