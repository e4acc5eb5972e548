"""What must leave is a row of the same transaction: sent once, in order, tried again, and never lost."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.agenda import rules
from apps.agenda.models import Outbox
from apps.lib import clock
from apps.lib.errors import Conflict
from apps.messaging.mail import OutboxBackend
from apps.policy.gate import mail as gate
from apps.policy.gate import service
from apps.runtime import outbox
from tests.approvals.conftest import Office


def write(subject: str, *, to: str = "ann@example.test") -> None:
    message = EmailMultiAlternatives(subject, "A text.", "Footnote <footnote@localhost>", [to])
    message.attach_alternative("<p>A text.</p>", "text/html")
    message.attach("figures.csv", b"a,b\n1,2\n", "text/csv")
    OutboxBackend().send_messages([message])


def rows() -> list[Outbox]:
    with tenancy.as_platform("a test looks"):
        return list(Outbox.objects.order_by("id"))


class Down(EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages: list[object]) -> int:
        raise ConnectionRefusedError("no mail server")


class Dies(EmailBackend):
    """A mail server that takes the message; then the process that sent it is gone."""

    def send_messages(self, messages: list[object]) -> int:
        super().send_messages(messages)
        raise SystemExit("killed")


def test_what_django_sends_is_a_row_of_the_callers_transaction(office: Office) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write("never")
        raise ZeroDivisionError
    assert rows() == []
    with transaction.atomic():
        write("Hello")
        assert mail.outbox == []
    assert outbox.drain() == 1
    (sent,) = mail.outbox
    assert (sent.subject, sent.body, sent.to) == ("Hello", "A text.", ["ann@example.test"])
    assert sent.alternatives[0][0] == "<p>A text.</p>"
    assert sent.attachments[0][:2] == ("figures.csv", "a,b\n1,2\n")


def test_what_was_sent_is_erased_and_not_sent_again(office: Office) -> None:
    write("Secret link")
    outbox.drain()
    outbox.drain()
    assert len(mail.outbox) == 1
    (row,) = rows()
    assert row.payload == {} and row.sent_at is not None
    with tenancy.as_platform("a test asks for it again"), pytest.raises(Conflict):
        agenda.send_again(by=office.people["alice"], id=row.pk)


def test_a_scheduler_killed_after_the_gate_sent_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("Once")
    sender, real = outbox.SENDERS["mail"], gate.send

    def killed(**arguments: object) -> bool:
        real(**arguments)
        raise SystemExit("killed between the sending and its own note")

    monkeypatch.setattr("apps.messaging.mail.gate.send", killed)
    with pytest.raises(SystemExit):
        outbox.drain()
    monkeypatch.setattr("apps.messaging.mail.gate.send", real)
    with clock.stopped(clock.now() + timedelta(hours=1)):
        outbox.drain()
    assert sender.bound and len(mail.outbox) == 1
    assert rows()[0].sent_at is not None


def test_a_gate_killed_before_its_note_sends_once_more_under_the_same_message_id(
    office: Office, settings: object
) -> None:
    write("Twice at worst")
    settings.MAIL_BACKEND = "tests.messaging.test_outbox.Dies"  # type: ignore[attr-defined]
    with pytest.raises(SystemExit):
        outbox.drain()
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    outbox.drain()
    assert len(mail.outbox) == 1, "its lease has not run out: nobody else may send it yet"
    with clock.stopped(clock.now() + timedelta(seconds=rules.LEASE_SECONDS + 1)):
        outbox.drain()
        outbox.drain()
    assert len(mail.outbox) == 2
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second and first.endswith("@localhost>")


def test_rows_leave_in_the_order_they_were_due_and_one_holds_up_no_other(office: Office) -> None:
    for subject in ("one", "two", "three"):
        write(subject)
    with tenancy.as_platform("a test spoils one"):
        Outbox.objects.filter(pk=rows()[1].pk).update(payload={"message": {"subject": 5}})
    outbox.drain()
    assert [message.subject for message in mail.outbox] == ["one", "three"]
    assert [bool(row.sent_at) for row in rows()] == [True, False, True]


def test_a_server_that_is_down_is_tried_with_growing_waits_and_then_left_to_a_person(
    office: Office, settings: object
) -> None:
    settings.MAIL_BACKEND = "tests.messaging.test_outbox.Down"  # type: ignore[attr-defined]
    write("Patience")
    now, waits = clock.now(), []
    for _ in range(rules.MOST_TRIES + 3):
        with clock.stopped(now):
            outbox.drain()
            outbox.drain()
        (row,) = rows()
        if row.gave_up_at:
            break
        waits.append(round((row.due_at - now).total_seconds()))
        now = row.due_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    assert row.tries == rules.MOST_TRIES and "no mail server" in row.error and row.payload != {}
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    outbox.drain()
    assert mail.outbox == []
    with tenancy.as_platform("a test sends it again"):
        agenda.send_again(by=office.people["alice"], id=row.pk)
    outbox.drain()
    assert [message.subject for message in mail.outbox] == ["Patience"]


def test_ten_schedulers_at_once_send_each_row_once(office: Office) -> None:
    for number in range(12):
        write(f"number {number}")

    def drain() -> None:
        try:
            with tenancy.as_platform("a thread of a test"):
                outbox.drain()
        finally:
            tenancy.close()

    threads = [threading.Thread(target=drain) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.subject for message in mail.outbox) == sorted(f"number {n}" for n in range(12))
    assert all(row.sent_at and not row.tries for row in rows())


def test_a_key_is_posted_once(office: Office) -> None:
    assert agenda.post(kind="mail", key="k", payload={}) and not agenda.post(kind="mail", key="k", payload={"x": 1})
    assert [row.payload for row in rows()] == [{}]


def answer(body: object, secret: str) -> tuple[str, dict]:
    import io

    raw, said = json.dumps(body).encode(), []
    environ = {
        "PATH_INFO": "/v1/mail", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": io.BytesIO(raw), "HTTP_AUTHORIZATION": f"Bearer {secret}",
    }  # fmt: skip
    (out,) = service.application(environ, lambda status, headers: said.append(status))
    return said[0], json.loads(out)


def test_the_gates_route_sends_for_the_workload_secret_only(office: Office) -> None:
    write("By HTTP")
    (row,) = rows()
    message = {**row.payload["message"], "message_id": "<x@localhost>"}
    body = {"parcel": row.pk, "message": message}
    for secret in ("", "wrong", "only-for-tests", "schlüssel"):
        assert answer(body, secret)[0].startswith("401")
    for wrong in ({}, {"parcel": "1", "message": message}, {"parcel": row.pk, "message": {"to": []}}):
        assert answer(wrong, "only-for-tests-workload")[0].startswith("422")
    assert mail.outbox == []
    assert answer(body, "only-for-tests-workload") == ("200 .", {"sent": True})
    assert answer(body, "only-for-tests-workload") == ("200 .", {"sent": False})
    assert len(mail.outbox) == 1


def test_a_chore_that_fails_does_not_keep_the_others_from_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(
        outbox.chores, "bound", {"a": lambda: 1 / 0, "b": lambda: done.append("b")}
    )  # fmt: skip
    outbox.do_chores()
    assert done == ["b"]
