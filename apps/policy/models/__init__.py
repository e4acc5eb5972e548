"""The call ledger and what the gate keeps. All of it belongs to one workspace."""

from apps.policy.models.control import (
    AgentSetting,
    Approval,
    BudgetLimit,
    BudgetUse,
    Call,
    Capability,
    Credential,
    GuardrailSetting,
    Pause,
    PolicyVersion,
    RunReserve,
    ShadowDecision,
    ToolServer,
    ToolSetting,
    ToolSignIn,
)
from apps.policy.models.delegation import Grant, GrantUse, IssuedToken

__all__ = [
    "AgentSetting",
    "Approval",
    "BudgetLimit",
    "BudgetUse",
    "Call",
    "Capability",
    "Credential",
    "Grant",
    "GrantUse",
    "GuardrailSetting",
    "IssuedToken",
    "Pause",
    "PolicyVersion",
    "RunReserve",
    "ShadowDecision",
    "ToolServer",
    "ToolSetting",
    "ToolSignIn",
]
