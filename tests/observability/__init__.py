"""The audit log: written once, sealed, and checked."""
