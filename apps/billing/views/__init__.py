"""Pages of money: what there is, where it came from, where it went, what it was used for."""
