"""How a call to the outside can go wrong; every adapter raises these and nothing else."""

from __future__ import annotations

from apps.lib.errors import ProductError


class AdapterError(ProductError):
    """The outside did not answer as needed."""

    code = "adapter_error"
    status = 502


class Unreachable(AdapterError):
    """The vendor could not be reached or cut the connection; the same call may work later."""

    code = "unreachable"


class Throttled(AdapterError):
    """The vendor asks us to slow down; `retry_after` is in seconds, or None where it did not say."""

    code = "throttled"

    def __init__(self, sentence: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(sentence, retry_after=retry_after)
        self.retry_after = retry_after


class Late(AdapterError):
    """The vendor did not finish within the deadline."""

    code = "late"


class Unusable(AdapterError):
    """The answer breaks its contract: garbage, cut off, too large, wrong shape. Another try may do better."""

    code = "unusable"


class Refused(AdapterError):
    """The vendor or the address rules said no; trying again will not help."""

    code = "refused"
