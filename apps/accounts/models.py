"""Workspaces, people and who belongs where. All of it is shared: it is what finds a workspace."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.models import DomainMixin, TenantMixin

from apps.accounts import rules


class UserQuerySet(BaseUserManager["User"]):
    """Accounts are found by e-mail address, in lower case."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Make a person; without a password they can't sign in by password."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Make a member of staff who may do everything at /staff/."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    username = None  # type: ignore[assignment]  # people sign in by their address
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, blank=True)
    theme = models.CharField(max_length=8, blank=True, choices=[(theme, theme) for theme in rules.THEMES])
    # When the account is erased, where its person asked for that.
    leaves_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserQuerySet] = UserQuerySet()  # type: ignore[assignment]  # Django's own wants a username

    def __str__(self) -> str:
        # The address alone says it, so that a row of which little was read is not read again.
        return _("Somebody who left") if self.email.endswith(rules.GONE_HOST) else self.name or self.email


class Workspace(TenantMixin):
    """One customer. `schema_name` is random hex with a per-database prefix, never the slug."""

    auto_create_schema = False
    auto_drop_schema = False

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    # For members who chose none of their own.
    language = models.CharField(max_length=8, blank=True)
    # How long finished research is kept; empty: until somebody deletes it.
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    # How long its plan keeps it (rules.Keeping); the shorter of both counts.
    plan_days = models.PositiveIntegerField(null=True, blank=True)
    next_plan_days = models.PositiveIntegerField(null=True, blank=True)
    next_plan_days_at = models.DateTimeField(null=True, blank=True)
    # Who decides when nobody answered in time.
    fallback_approver = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    def __str__(self) -> str:
        return self.domain


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role, role) for role in rules.ROLES])
    created_at = models.DateTimeField(default=timezone.now)
    # When this person had seen enough of the first steps.
    welcomed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workspace_id} as {self.role}"


class Team(models.Model):
    """Some people of one workspace, so that a run can be theirs and nobody else's."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(Membership, related_name="teams", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_team_a_name")]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A place in a workspace that waits for somebody. The link's token is derived from the id; a digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=[(role, role) for role in rules.ROLES])
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "created_at"], name="invitations_of_a_workspace")]

    def __str__(self) -> str:
        return f"invitation to {self.workspace_id}"


class SignIn(models.Model):
    """A browser that is signed in: on the apex, or on a workspace's host as the child of one on the apex.

    The session carries its id; a sign-in that has ended, or whose parent has, speaks for nobody.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    workspace = models.ForeignKey(Workspace, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in of {self.user_id}"


class HandOff(models.Model):
    """A sign-in on its way from the apex to a workspace host: used once, within 30 seconds."""

    digest = models.CharField(max_length=64, unique=True)
    sign_in = models.ForeignKey(SignIn, null=True, blank=True, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"hand-off to {self.workspace_id}"


class SpareSchema(models.Model):
    """A schema made ahead of time, so that a new workspace is ready at once."""

    schema_name = models.CharField(max_length=63, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.schema_name


class Archive(models.Model):
    """A copy to take away: of a workspace, as its owner may see it, or, without one, of what is a person's own.

    It waits, is ready or failed; a file of that name stands in `archives.FOLDER` until `expires_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, default="waits")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="archives_that_wait")]

    def __str__(self) -> str:
        return f"archive {self.pk}"
