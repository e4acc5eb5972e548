"""Tell Stripe's meter what was used beyond plans: noted from the call ledger, then sent, each token once.

What is noted of a period only grows: the ledger's total less what the plan includes, less what was noted before. A
report has an identifier of ours, so that Stripe knows one that it gets twice. After the day for which it promises that,
its own sum of the period tells whether a report has arrived: the reports of a period leave in their order.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, Sum
from django.db.models.functions import Coalesce

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import catalogue, overage, rules
from apps.billing.actions.asking import ask
from apps.billing.models import Entitlement, UsagePeriod, UsageReport
from apps.lib import clock
from apps.lib.errors import Unavailable

log = logging.getLogger(__name__)
# How often the ledger is added up: for a period under way, and for one that is over.
EVERY, EVERY_OVER = timedelta(minutes=5), timedelta(hours=1)
# Longer than Stripe is asked for, together with its sum; the outbox tries again, so the library does not.
LEASE = timedelta(seconds=90)
# So many periods and reports at a time: the scheduler has other things to do.
BATCH = 50
# What was sent is kept for so long; its period keeps the sum, and its last report, for good.
KEPT = timedelta(days=90)


def follow(row: Entitlement, live: Any) -> None:
    """Keep the period of a subscription whose tokens beyond the plan are billed. live: the subscription at Stripe.

    What is used on trial is free. Another plan within a period never lowers what the period includes. Runs inside the
    transaction that read the subscription.
    """
    found = [catalogue.beyond_of(each["price"]) for each in live["items"]["data"]]
    beyond = next((each for each in found if each), None)
    if beyond is None or row.state == "trialing" or row.period_began_at is None or row.period_ends_at is None:
        close(workspace=row.workspace, at=clock.now())
        return
    close(workspace=row.workspace, at=row.period_began_at)
    included = row.limits.get("tokens", 0)
    period, _new = UsagePeriod.objects.select_for_update().get_or_create(
        subscription=row.subscription, began_at=row.period_began_at,
        defaults={
            "workspace": row.workspace, "customer": row.customer or "", "meter": beyond.meter, "included": included,
            "event_name": beyond.event_name, "tiers": rules.tiers_in_words(beyond.tiers), "ends_at": row.period_ends_at,
        },
    )  # fmt: skip
    period.included, period.ends_at = max(period.included, included), row.period_ends_at
    period.save(update_fields=["included", "ends_at"])


def close(*, workspace: str, at: datetime) -> None:
    """End the periods of a workspace that began before a moment and go on beyond it."""
    open_ = UsagePeriod.objects.filter(workspace=workspace, began_at__lt=at, ends_at__gt=at)
    open_.update(ends_at=at)


def report() -> None:
    """Note what was used and send what is due. A chore of the scheduler, which has the platform's role."""
    if settings.STRIPE_SECRET_KEY:
        note_everywhere()
        send_due()
        tidy()


def tidy() -> None:
    """Forget reports that arrived long ago, but for the last one of each period."""
    with tenancy.as_platform("old reports are forgotten"):
        old = UsageReport.objects.filter(sent_at__lt=clock.now() - KEPT, sequence__lt=F("period__sequence"))
        old.delete()


def note_everywhere() -> int:
    """Note what was used beyond plans in every period whose turn it is; return how many tokens. Safe to repeat."""
    known, noted = set(accounts.schemas()), 0
    for period, workspace in _to_look_at():
        if workspace not in known:
            continue
        try:
            noted += note(period=period)
        except Exception:
            # One workspace that can't be read must not keep the others from being billed.
            log.exception("the usage of %s was not added up", workspace)
            tenancy.close()
    return noted


def _to_look_at() -> list[tuple[int, str]]:
    now = clock.now()
    due = Q(looked_at=None) | Q(looked_at__lte=now - EVERY_OVER) | Q(looked_at__lt=F("ends_at"), ends_at__lte=now)
    due |= Q(looked_at__lte=now - EVERY, ends_at__gt=now)
    with tenancy.as_platform("whose usage is reported"):
        rows = UsagePeriod.objects.filter(due, began_at__lte=now, ends_at__gt=now - rules.METERED_FOR)
        return list(rows.order_by(F("looked_at").asc(nulls_first=True)).values_list("pk", "workspace")[:BATCH])


def note(*, period: int) -> int:
    """Write down what was used of a period beyond its plan since it was noted last; return how many tokens.

    Twice, or by two at once, it is written once: the period's row is locked.
    """
    with tenancy.as_platform("usage is reported"), transaction.atomic():
        row = UsagePeriod.objects.select_for_update().get(pk=period)
        now = clock.now()
        used = overage.tokens(row.workspace, row.began_at, row.ends_at)
        more = max(0, used - row.included - row.noted)
        if more:
            row.sequence, row.noted = row.sequence + 1, row.noted + more
            UsageReport.objects.create(
                workspace=row.workspace, period=row, sequence=row.sequence, tokens=more, total=row.noted,
                included=row.included,
                key=f"{row.workspace}:{row.subscription}:{row.began_at:%Y%m%d%H%M%S}:{row.sequence}"[-100:],
                at=rules.dated(now, row.began_at, row.ends_at), due_at=now,
            )  # fmt: skip
        row.looked_at = now
        row.save(update_fields=["sequence", "noted", "looked_at"])
        return more


def send_due(*, limit: int = BATCH) -> int:
    """Send the reports that are due, those of a period in their order; return how many arrived.

    Stops where Stripe does not answer: the others would not reach it either.
    """
    sent = 0
    for key in _due(limit):
        try:
            sent += send(report=key)
        except Unavailable:
            break
    return sent


def _due(limit: int) -> Iterator[int]:
    """Yield the reports to send, oldest first; one that waits holds up those of its period only."""
    now = clock.now()
    with tenancy.as_platform("what is to be reported"):
        waiting = UsageReport.objects.filter(sent_at=None, gave_up_at=None)
        first = waiting.values("period").annotate(first=Min("sequence")).values_list("period", "first")
        heads = {(period, sequence) for period, sequence in first}
        rows = list(waiting.filter(due_at__lte=now).order_by("due_at", "pk").values_list("pk", "period", "sequence"))
    yield from [key for key, period, sequence in rows if (period, sequence) in heads][:limit]


def send(*, report: int) -> bool:
    """Send one report, unless somebody else does so now; tell whether Stripe has it.

    Raises Unavailable where Stripe does not answer; the report then waits longer each time.
    """
    row = _claim(report)
    if row is None:
        return False
    try:
        if not _arrived(row):
            _tell(row)
    except Unavailable as error:
        _put_off(row, str(error.sentence))
        raise
    except stripe.StripeError as error:
        _put_off(row, f"{type(error).__name__}: {error.user_message or error}")
        return False
    with tenancy.as_platform("usage was reported"):
        UsageReport.objects.filter(pk=row.pk).update(sent_at=clock.now(), leased_until=None, error="")
    return True


def _claim(report: int) -> UsageReport | None:
    """Lease a report, and return it as it was before; None where it was sent, given up or leased."""
    now = clock.now()
    with tenancy.as_platform("usage is reported"):
        free = UsageReport.objects.filter(pk=report, sent_at=None, gave_up_at=None).exclude(leased_until__gt=now)
        before = free.select_related("period").first()
        late = before is not None and before.at <= now - rules.METERED_FOR
        if before is None or late:
            free.update(gave_up_at=now, error="Stripe takes no usage that is so old")
            return None
        taken = free.filter(tries=before.tries, leased_until=before.leased_until)
        return before if taken.update(leased_until=now + LEASE, tried_at=Coalesce("tried_at", now)) else None


def _arrived(row: UsageReport) -> bool:
    """Tell whether a report that was tried long ago has reached Stripe, which may not know its identifier any more."""
    if row.tried_at is None or row.tried_at > clock.now() - rules.KNOWN_FOR:
        return False
    lost = UsageReport.objects.filter(period=row.period, sequence__lt=row.sequence, gave_up_at__isnull=False)
    with tenancy.as_platform("was it reported?"):
        given_up = int(lost.aggregate(size=Sum("tokens", default=0))["size"])
    return counted(row.period) >= row.total - given_up


def counted(period: UsagePeriod) -> int:
    """Return what Stripe's meter has counted of a period. Raises Unavailable."""
    first, end = (int(each.timestamp()) for each in rules.span(period.began_at, period.ends_at))
    span = {"customer": period.customer, "start_time": first, "end_time": end, "max_network_retries": 0}
    found = ask(stripe.billing.Meter.list_event_summaries, period.meter, **span)["data"]
    return sum(int(each["aggregated_value"]) for each in found)


def invoiced(period: UsagePeriod) -> int:
    """Return how many tokens of a period stand on Stripe's invoices that are no drafts. Raises Unavailable."""
    invoices = ask(stripe.Invoice.list, subscription=period.subscription, limit=100).auto_paging_iter()
    lines = [line for each in invoices if each["status"] not in {"draft", "void"} for line in each["lines"]["data"]]
    here = [line for line in lines if line["period"]["start"] == int(period.began_at.timestamp())]
    prices = {str((line.get("pricing") or {}).get("price_details", {}).get("price")) for line in here}
    with tenancy.as_platform("which price is the metered one?"):
        metered = catalogue.metered(prices)
    return sum(
        int(line["quantity"] or 0) for line in here
        if str((line.get("pricing") or {}).get("price_details", {}).get("price")) in metered
    )  # fmt: skip


def _tell(row: UsageReport) -> None:
    try:
        ask(
            stripe.billing.MeterEvent.create, event_name=row.period.event_name, identifier=row.key,
            timestamp=int(row.at.timestamp()), max_network_retries=0,
            payload={"stripe_customer_id": row.period.customer, "value": str(row.tokens)},
        )  # fmt: skip
    except stripe.InvalidRequestError as error:
        # It has arrived before: then this is how Stripe says so.
        if "already exists with identifier" not in str(error):
            raise


def _put_off(row: UsageReport, error: str) -> None:
    log.warning("usage report %s was not sent: %s", row.pk, error)
    due = clock.now() + rules.pause(row.tries + 1)
    with tenancy.as_platform("usage was not reported"):
        rows = UsageReport.objects.filter(pk=row.pk, sent_at=None)
        rows.update(tries=F("tries") + 1, due_at=due, leased_until=None, error=error[:500])
