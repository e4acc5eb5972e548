"""Pure: when a monitor is due, what a page says, and what changed between two of them."""
