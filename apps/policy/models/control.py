"""The call ledger, approvals, tools, policies, agents, budgets, credentials and guardrails."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.policy import rules


class Call(models.Model):
    """One row of the ledger: journal, meter, decision record, span and tape in one.

    `intent → waiting → done | denied | lost`; a trigger freezes it then. Bodies live in blobs, by hash.
    A lost call (its gate died before the answer was recorded) leaves its key to the next try and is never charged.
    """

    id = models.CharField(primary_key=True, max_length=40)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="intent", choices=[(s, s) for s in rules.CALL_STATES])
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    epoch = models.IntegerField()
    name = models.CharField(max_length=80)
    number = models.IntegerField()
    tool = models.CharField(max_length=120)
    tool_version = models.CharField(max_length=20)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=80, blank=True)
    mode = models.CharField(max_length=8)
    person = models.BigIntegerField()
    agent = models.CharField(max_length=40)
    agent_version = models.CharField(max_length=40)
    prompt_version = models.CharField(max_length=64, blank=True)
    arguments_sha = models.CharField(max_length=64)
    decision = models.CharField(max_length=20, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    # The number of the workspace's own policies that decided (0: none of its own), and what guardrails noticed.
    policy_version = models.IntegerField(default=0)
    signals = models.JSONField(default=list)
    outcome = models.CharField(max_length=20, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    result_sha = models.CharField(max_length=64, blank=True)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_input_tokens = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)
    credits = models.IntegerField(default=0)
    # What it holds of its run's reserve while it is under way.
    held_tokens = models.BigIntegerField(default=0)
    held_micro_dollars = models.BigIntegerField(default=0)
    gate = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Not kept: a budget wants this call to go slowly; how much of the tightest one is left, in per cent.
    slow = False
    budget_left = 100

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(state="lost"), name="one_live_call_a_key")
        ]
        indexes = [
            models.Index(fields=["run", "started_at"], name="calls_of_a_run"),
            models.Index(fields=["tool", "started_at"], name="calls_of_a_tool"),
        ]

    def __str__(self) -> str:
        return self.id


class Approval(models.Model):
    """A person's yes or no to exactly this. Decided once, by whoever is first."""

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    subject_hash = models.CharField(max_length=64)
    subject = models.JSONField()
    rule = models.CharField(max_length=80)
    asked_for = models.BigIntegerField()
    # approve: whoever may in the workspace; platform_staff: they, and nobody in the workspace.
    approver_role = models.CharField(max_length=20, default="approve")
    assigned_to = models.BigIntegerField(null=True)
    escalated_at = models.DateTimeField(null=True)
    edited = models.JSONField(null=True)
    state = models.CharField(max_length=10, default="pending")
    reason = models.CharField(max_length=1000, blank=True)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "name", "subject_hash"], name="one_approval_a_subject")]

    def __str__(self) -> str:
        return self.id


class ToolSetting(models.Model):
    """A tool as this workspace approved it. A definition whose hash differs is refused until somebody approves it.

    by: None where a release of ours approved it for the workspace.
    """

    name = models.CharField(primary_key=True, max_length=120)
    enabled = models.BooleanField(default=False)
    version = models.CharField(max_length=20)
    definition_hash = models.CharField(max_length=64)
    definition = models.JSONField()
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class ToolServer(models.Model):
    """An MCP server that the workspace added, and the definitions it gave when it was last looked at.

    tools: `offered`, name → hash and definition; `left_out`, a sentence for each that can't be taken.
    """

    id = models.CharField(primary_key=True, max_length=40)
    name = models.SlugField(max_length=30, unique=True)
    url = models.CharField(max_length=500)
    auth = models.CharField(max_length=10, default="none")  # none, bearer, oauth
    credential = models.CharField(max_length=40, blank=True)
    # Who signs people in for it, where it asks for that (`oauth`); without a credential somebody has to sign in.
    issuer = models.CharField(max_length=500, blank=True)
    protocol_version = models.CharField(max_length=20, blank=True)
    tools = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    added_by = models.BigIntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class ToolSignIn(models.Model):
    """A sign-in at a server of tools that a person began; good for ten minutes, and once.

    `asked → ready → returned → spent → done`, or `failed` with a sentence. state: the hash of what only the person's
    session holds. begun (verifier, client) and code are sealed for the gate, and erased when they are spent.
    """

    id = models.CharField(primary_key=True, max_length=40)
    server = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, default="asked")
    state = models.CharField(max_length=64)
    redirect = models.CharField(max_length=500)
    issuer = models.CharField(max_length=500, blank=True)
    address = models.TextField(blank=True)
    begun = models.BinaryField(null=True)
    code = models.BinaryField(null=True)
    sentence = models.CharField(max_length=500, blank=True)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.id


class PolicyVersion(models.Model):
    """The workspace's own Cedar policies, a row a version; the newest `live` one decides, `shadow` only says."""

    number = models.IntegerField(primary_key=True)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8)  # draft, shadow, live, past
    note = models.CharField(max_length=500, blank=True)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state__in=("live", "shadow")),
                                    name="one_policy_version_a_state")
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.number)


class ShadowDecision(models.Model):
    """A call that the policies on trial would have decided otherwise."""

    call = models.CharField(max_length=40)
    version = models.IntegerField()
    was = models.CharField(max_length=20)
    would = models.CharField(max_length=20)
    rule = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["version", "at"], name="shadow_of_a_version")]

    def __str__(self) -> str:
        return self.call


class Capability(models.Model):
    """A permission that runs out: so many calls of a tool, until then, up to so many micro-dollars."""

    id = models.CharField(primary_key=True, max_length=40)
    agent = models.CharField(max_length=40, blank=True)  # a role; empty for any
    run = models.CharField(max_length=40, blank=True)  # empty for any
    tool = models.CharField(max_length=120)
    calls_left = models.IntegerField()
    micro_dollars_left = models.BigIntegerField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class AgentSetting(models.Model):
    """What a workspace lets an agent role do. tools: None for all of its own."""

    role = models.CharField(primary_key=True, max_length=40)
    tools = ArrayField(models.CharField(max_length=120), null=True)
    autonomy = models.CharField(max_length=8, default="act")  # suggest, ask, act
    calls_per_task = models.IntegerField(null=True)
    micro_dollars_per_task = models.BigIntegerField(null=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.role


class Pause(models.Model):
    """A switch that is off: no call of this tool, of this agent, or of the whole workspace goes out."""

    kind = models.CharField(max_length=10)  # tool, agent, workspace
    name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_pause_a_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class BudgetLimit(models.Model):
    """Tokens and micro-dollars a month for the workspace or a person, or for a whole run. None: no limit."""

    kind = models.CharField(max_length=10)  # workspace, person, run
    subject = models.CharField(max_length=40, blank=True)  # empty: the workspace, or everybody of the kind
    tokens = models.BigIntegerField(null=True)
    micro_dollars = models.BigIntegerField(null=True)
    # A one-time exception on top, for one period, with its reason.
    extra_micro_dollars = models.BigIntegerField(default=0)
    extra_tokens = models.BigIntegerField(default=0)
    extra_period = models.CharField(max_length=7, blank=True)
    extra_reason = models.CharField(max_length=500, blank=True)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="one_budget_a_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class BudgetUse(models.Model):
    """What the workspace or a person has used in a month (`2026-11`), and what runs under way have set aside."""

    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=40, blank=True)
    period = models.CharField(max_length=7, blank=True)
    tokens = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)
    held_tokens = models.BigIntegerField(default=0)
    held_micro_dollars = models.BigIntegerField(default=0)
    told = models.IntegerField(default=0)  # the last mark (50, 75, 90, 100) people were told about

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "period"], name="one_use_a_period")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.period}".strip()


class RunReserve(models.Model):
    """What a run has set aside in the month of the workspace and of its person, and what its calls took of it.

    `reserved` is all it ever set aside; what was used counts in the month once it was `moved` there. Always
    `moved ≤ used ≤ used + held ≤ reserved`, and the month's row holds `reserved - moved` for this run.
    """

    run = models.CharField(primary_key=True, max_length=40)
    person = models.BigIntegerField()
    period = models.CharField(max_length=7)
    tokens = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)
    held_tokens = models.BigIntegerField(default=0)
    held_micro_dollars = models.BigIntegerField(default=0)
    reserved_tokens = models.BigIntegerField(default=0)
    reserved_micro_dollars = models.BigIntegerField(default=0)
    moved_tokens = models.BigIntegerField(default=0)
    moved_micro_dollars = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.run


class Credential(models.Model):
    """A sealed secret. Everybody else holds its id; the gate opens it for the tools it is for."""

    id = models.CharField(primary_key=True, max_length=40)
    # secret: somebody typed it in. sign_in: tokens that the gate was given, and renews; they stand in no list.
    kind = models.CharField(max_length=8, default="secret")
    name = models.CharField(max_length=80)
    version = models.IntegerField(default=1)
    # A key of its own, wrapped by the platform's master key, seals the secret: both with what they belong to.
    master = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    tools = ArrayField(models.CharField(max_length=120))
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    rotated_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class GuardrailSetting(models.Model):
    """What a check of the guardrails does in this workspace: off, warn, redact or block.

    words: what questions may be about, for the check of the topic.
    """

    name = models.CharField(primary_key=True, max_length=40)
    action = models.CharField(max_length=8)
    words = models.TextField(blank=True)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
