"""Dramatiq middleware: a message's workspace before, nothing left of it afterwards."""

from __future__ import annotations

import dramatiq

from apps.accounts import tenancy


class WorkspaceMiddleware(dramatiq.Middleware):
    """Start and leave every message in the public schema with the connection given back; refuse one for `public`."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """Refuse a message that names no workspace."""
        tenancy.close()
        workspace = message.kwargs.get("workspace")
        if not workspace or workspace == tenancy.PUBLIC:
            raise dramatiq.middleware.SkipMessage

    def after_process_message(
        self, broker: dramatiq.Broker, message: dramatiq.MessageProxy, *, result: object = None,
        exception: BaseException | None = None,
    ) -> None:  # fmt: skip
        """Forget the workspace."""
        tenancy.close()

    def after_skip_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """Forget the workspace."""
        tenancy.close()
