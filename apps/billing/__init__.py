"""What it costs: the credit ledger."""
