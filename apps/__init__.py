"""The rooms. docs/architecture.md says which room may call which."""
