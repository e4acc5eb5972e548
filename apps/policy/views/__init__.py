"""Doors of the control plane: policies, the simulator, tools, agents, budgets, guardrails."""
