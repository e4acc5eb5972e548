"""Pages of monitors."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.lib.errors import NotFound, ProductError
from apps.monitors import queries
from apps.monitors.actions import keeping
from apps.monitors.forms import MonitorForm
from apps.monitors.views import pages
from apps.research.queries import access, requests

FORMS = ["GET", "HEAD", "POST"]


@require_safe
@require("read")
def monitors(request: MemberRequest) -> HttpResponse:
    """What is watched: when next, what it costs, what is new."""
    return render(request, "monitors/monitors.html", {"page": pages.overview(request.member)})


@require_http_methods(FORMS)
@require("research")
def new(request: MemberRequest) -> HttpResponse:
    """Watch a question; `?from=` a finished run, which the first edition is compared with."""
    source = (request.POST.get("of") or request.GET.get("from", ""))[:40]
    initial: dict[str, Any] = {"question": request.GET.get("question", "")}
    if source:
        access.demand(request.member, source, "read")
        initial = pages.initial_of_run(requests.initial(source))
    form = MonitorForm(request.POST or None, initial=initial, member=request.member, kept=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = keeping.create(by=request.member.person, wish=form.wish(), of=source)
        except NotFound:
            raise
        except ProductError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("It is watched from now on."))
            return redirect("monitors:monitor", made)
    return _form(request, form, of=source)


def _form(request: MemberRequest, form: MonitorForm, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "monitors/form.html", {"form": form, **more}, status=status)


@require_safe
@require("read")
def monitor(request: MemberRequest, monitor: str) -> HttpResponse:
    """One monitor: what changed since somebody looked, and all its times."""
    return render(request, "monitors/monitor.html", {"page": pages.one(request.member, monitor)})


@require_safe
@require("read")
def of_run(request: MemberRequest, run: str) -> HttpResponse:
    """Lead from a run to the monitor that asked it."""
    access.demand(request.member, run, "read")
    told = queries.told(run=run)
    return redirect("monitors:monitor", told.monitor) if told else redirect("research:run", run)


@require_http_methods(FORMS)
@require("research")
def change(request: MemberRequest, monitor: str) -> HttpResponse:
    """Change what is asked, when, and for how much."""
    row = queries.demand(request.member, monitor)
    form = MonitorForm(
        request.POST or None, initial=pages.initial(row), member=request.member, kept=row.request
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change(by=request.member.person, monitor=monitor, wish=form.wish())
        except NotFound:
            raise
        except ProductError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Kept. It holds from now on."))
            return redirect("monitors:monitor", monitor)
    return _form(request, form, monitor=row)


def _back(request: MemberRequest, monitor: str, sentence: str, error: ProductError | None = None) -> HttpResponse:
    if error is None:
        messages.success(request, sentence)
    else:
        messages.error(request, error.sentence)
    return redirect("monitors:monitor", monitor)


@require_POST
@require("research")
def viewed(request: MemberRequest, monitor: str) -> HttpResponse:
    """Note that the newest edition was looked at."""
    keeping.view(by=request.member.person, monitor=monitor)
    return _back(request, monitor, _("Noted. What changes from now on is compared with this edition."))


@require_POST
@require("research")
def pause(request: MemberRequest, monitor: str) -> HttpResponse:
    """Stop it until somebody resumes it."""
    keeping.pause(by=request.member.person, monitor=monitor)
    return _back(request, monitor, _("Paused. Nothing is asked until it is resumed."))


@require_POST
@require("research")
def resume(request: MemberRequest, monitor: str) -> HttpResponse:
    """Let it go on."""
    try:
        keeping.resume(by=request.member.person, monitor=monitor)
    except NotFound:
        raise
    except ProductError as error:
        return _back(request, monitor, "", error)
    return _back(request, monitor, _("It goes on with its next time."))


@require_POST
@require("research")
def run_now(request: MemberRequest, monitor: str) -> HttpResponse:
    """Ask once more at once."""
    try:
        keeping.run_now(by=request.member.person, monitor=monitor)
    except NotFound:
        raise
    except ProductError as error:
        return _back(request, monitor, "", error)
    return _back(request, monitor, _("It is at work. What it finds stands here once it has ended."))


@require_POST
@require("research")
def delete(request: MemberRequest, monitor: str) -> HttpResponse:
    """Delete it, and offer to undo it."""
    keeping.delete(by=request.member.person, monitor=monitor)
    undo = reverse("monitors:restore", args=[monitor])
    messages.success(request, _("The monitor was deleted. Its runs stay."), extra_tags=undo)
    return redirect("monitors:monitors")


@require_POST
@require("research")
def restore(request: MemberRequest, monitor: str) -> HttpResponse:
    """Undo a deletion."""
    demand(request.member, "research")
    keeping.restore(by=request.member.person, monitor=monitor)
    return _back(request, monitor, _("The monitor is back."))
