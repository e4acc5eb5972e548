"""Every form, address, parameter and header with strings that software stumbles over: no server error, no echo."""

from __future__ import annotations

import html
import logging
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django import forms as django_forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test.client import MULTIPART_CONTENT

from apps.accounts import tenancy
from tests.tenancy import addresses
from tests.tenancy.addresses import PARAMETER
from tests.tenancy.crawling import Visitor
from tests.tenancy.planting import World, plant
from tests.web import forms as reading
from tests.web.forms import Form
from tests.web.naughty import BYTES, KINDS, NAUGHTY, percent

HEADERS = (
    "Host", "Cookie", "Accept-Language", "HX-Request", "HX-Target", "HX-Current-URL", "HX-Trigger", "HX-Boosted",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Last-Event-ID", "Referer", "Origin", "User-Agent",
    "Content-Type", "Content-Length", "X-Request-Id", "If-None-Match", "If-Modified-Since", "Range", "Accept",
    "X-CSRFToken", "Authorization", "Transfer-Encoding", "X-HTTP-Method-Override",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """One workspace with one of everything."""
    with django_db_blocker.unblock():
        cache.clear()
        logging.disable(logging.CRITICAL)
        yield plant(thorough=False, names=("glob",))
        logging.disable(logging.NOTSET)
        cache.clear()
        tenancy.close()


@pytest.fixture(scope="module")
def people(world: World) -> list[Visitor]:
    """Return who abuses: an owner on both hosts, staff, nobody on both hosts."""
    space = world.spaces["glob"]
    return [
        Visitor("alice", space.host, "glob", "glob", space.people["alice"]),
        Visitor("alice", "localhost", "apex", "glob", space.people["alice"]),
        Visitor("stella", "localhost", "apex", "", world.outside["stella"]), Visitor("nobody", "localhost"),
        Visitor("nobody", space.host, "glob"),
    ]  # fmt: skip


# Pages whose forms are in every sample.
ALWAYS = {"research/new", "datasets", "settings/general", "settings/teams", "login/", "research", "approvals"}


@pytest.fixture(scope="module")
def forms(world: World, people: list[Visitor], pytestconfig: pytest.Config) -> list[Form]:
    """Return every form that these people find, once for all ids; with fewer ids where it is no full proof."""
    full = pytestconfig.getoption("--prove")
    most = 8 if full else 1
    known = {name: found[:3] for name, found in addresses.values(world).items()}
    known["run"] = addresses.ids(world, "run")
    pick, found = random.Random(2), []
    for conf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        patterns = list(addresses.patterns(conf))
        for pattern in patterns if full else [each for each in patterns if pick.random() < 0.3 or each in ALWAYS]:
            found += addresses.fill(conf, pattern, known, pick)[:most]
    found += [addresses.Address(settings.ROOT_URLCONF, "", f"/research/{run}/tasks/summarize:0/supply")
              for run in known["run"]]  # fmt: skip
    return reading.collect(people, found, settings.PUBLIC_SCHEMA_URLCONF)


@dataclass
class Abuse:
    """Sends, and keeps what was wrong with the answers."""

    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    refused: int = 0

    def send(self, visitor: Visitor, method: str, path: str, payloads: Iterable[str] = (), **more: Any) -> HttpResponse:
        """Send one request and look at its answer: a server error, an echo, a way off the site, a header of theirs."""
        answer = visitor.ask(method, path, **more)
        self.sent += 1
        self.refused += 400 <= answer.status_code < 500
        what = f"{visitor.name}@{visitor.on} {method} {path[:200]!r} {[p[:40] for p in payloads]}"
        if answer.status_code >= 500:
            self.wrong.append(f"{answer.status_code}: {what}: {self.why(answer)}")
        kind = answer.headers.get("Content-Type", "")
        body = answer.seen
        for payload in payloads:
            markup = "qzq" in payload and re.search(r"[<>\"']", payload)
            if markup and "html" in kind and "<" in payload and payload in body:
                self.wrong.append(f"echo: {what}")
        to = answer.headers.get("Location", "")
        if not is_ours(to):
            self.wrong.append(f"off the site to {to!r}: {what}")
        if "qzq" in answer.cookies or "X-Qzq" in answer.headers:
            self.wrong.append(f"a header of theirs: {what}")
        return answer

    def why(self, answer: HttpResponse) -> str:
        """Return the exception behind a server error, in one line."""
        found = getattr(answer, "exc_info", None)
        return f"{found[0].__name__}: {found[1]}"[:200] if found else ""


def is_ours(location: str) -> bool:
    """Tell whether a redirect stays with us.

    >>> is_ours("/a"), is_ours("http://x.localhost:8000/a"), is_ours("//evil.test"), is_ours("/\\\\evil.test")
    (True, True, False, False)
    """
    if location.startswith(("//", "/\\", "\\")):
        return False
    host = urlsplit(location).hostname or "localhost"
    return host == "localhost" or host.endswith(".localhost")


def some(full: bool, pick: random.Random, a_kind: int = 1) -> list[str]:
    """Return every string, or a few of each kind."""
    if full:
        return list(NAUGHTY)
    return [text for kind in KINDS.values() for text in pick.sample(kind, min(a_kind, len(kind)))]


def fits(text: str) -> bool:
    """Tell whether a string can be sent as a header at all: servers refuse line ends and NUL."""
    return not re.search(r"[\r\n\0]", text)


def test_there_are_enough_strings_of_every_kind() -> None:
    assert len(NAUGHTY) >= 500 and len(KINDS) >= 20 and min(map(len, KINDS.values())) >= 8


def test_the_forms_of_the_product_are_found(forms: list[Form]) -> None:
    actions = {form.key[1] for form in forms}
    assert {"/research/new", "/datasets", "/settings/general/change", "/settings/teams/new", "/login/"} <= actions, (
        actions
    )
    assert len(forms) > 40 and sum(len(form.texts()) for form in forms) > 30


def test_no_string_in_any_form_is_a_server_error(
    forms: list[Form], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    abuse, pick, fields = Abuse(), random.Random(4), 0
    for form in forms if full else pick.sample(forms, len(forms) // 2):
        names = [name for name in form.fields if name != "csrfmiddlewaretoken" and form.kinds[name] != "file"]
        fields += len(names)
        for name in names:
            chosen = some(False, pick, 3) if full else pick.sample(NAUGHTY, pick.random() < 0.5)
            for text in chosen:
                abuse.send(form.visitor, form.method, form.action, [text], data=form.values() | {name: text})
        for start in range(len(NAUGHTY)) if full else pick.sample(range(len(NAUGHTY)), 1):
            turned = {name: NAUGHTY[(start + 7 * n) % len(NAUGHTY)] for n, name in enumerate(names)}
            abuse.send(form.visitor, form.method, form.action, turned.values(), data=form.values() | turned)
    proof(f"naughty strings in {len(forms)} forms with {fields} fields, 0 server errors", abuse.sent,
          f"{len(abuse.wrong)} wrong, {abuse.refused} refused")  # fmt: skip
    assert abuse.wrong == []


def test_no_string_in_an_address_is_a_server_error(
    world: World, people: list[Visitor], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    abuse, pick, known = Abuse(), random.Random(5), addresses.values(world)
    for conf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        at = [each for each in people if (each.on == "apex") == (conf == settings.PUBLIC_SCHEMA_URLCONF)]
        for pattern in addresses.patterns(conf):
            parts = addresses.parameters(pattern)
            strings: list[str | bytes] = [*NAUGHTY, *BYTES] if full else pick.sample([*NAUGHTY, *BYTES], 1)
            for place, text in [(place, text) for place in range(len(parts)) for text in strings]:
                if len(text) > 5_000:
                    continue
                values = [pick.choice(known[name]) for name in parts]
                values[place] = percent(text)
                bare = "/" + re.sub(r"[\^$]", "", PARAMETER.sub("\0", pattern)).replace("\0", "{}")
                method = "GET" if pick.random() < 0.7 else "POST"
                abuse.send(pick.choice(at[:3]), method, bare.format(*values), [str(text)])
    proof("naughty strings in every part of every address, 0 server errors", abuse.sent, f"{len(abuse.wrong)} wrong")
    assert abuse.wrong == []


PAGES = ("/research", "/research/new", "/research/find", "/approvals", "/datasets", "/notices", "/settings/members",
         "/datasets/ds_library")  # fmt: skip
APEX_PAGES = ("/workspaces", "/login/", "/signup/", "/staff/runs/", "/staff/accounts/user/", "/staff/login/",
              "/staff/agenda/pendingapproval/", "/staff/agenda/impersonation/add/", "/enter/glob")  # fmt: skip


def test_no_string_in_a_query_is_a_server_error(
    world: World, people: list[Visitor], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    abuse, pick = Abuse(), random.Random(6)
    names = sorted(addresses.asked_for() | {"o", "p", "all", "e", "_changelist_filters", "age", "decides", "email"})
    run, approval = world.spaces["glob"].ids["run"][2], world.spaces["glob"].ids["approval"][0]
    document = world.spaces["glob"].ids["document"][0]
    own = [*PAGES, f"/research/{run}/sources", f"/research/{run}/ask", f"/approvals/{approval}", "/hand-off",
           f"/datasets/ds_library/{document}", "/staff-look"]  # fmt: skip
    pages = [(people[0], page) for page in own] + [(people[1 + n % 2], page) for n, page in enumerate(APEX_PAGES)]
    pages += [(people[2], page) for page in APEX_PAGES if page.startswith("/staff")]
    for visitor, page in pages:
        for name in names:
            rarely = pick.sample(NAUGHTY, 1) if pick.random() < 0.05 else []
            strings: list[str | bytes] = [*some(False, pick, 3), *BYTES[:4]] if full else rarely
            for text in strings:
                if len(text) < 5_000:
                    abuse.send(visitor, "GET", f"{page}?{name}={percent(text)}", [str(text)])
        for start in range(len(NAUGHTY)) if full else pick.sample(range(len(NAUGHTY)), 1):
            turned = [(name, NAUGHTY[(start + 11 * n) % len(NAUGHTY)][:2_000]) for n, name in enumerate(names)]
            path = page + "?" + "&".join(f"{name}={percent(text)}" for name, text in turned)
            abuse.send(visitor, "GET", path, [text for _name, text in turned])
    proof(f"naughty strings in {len(names)} query parameters of {len(pages)} pages, 0 server errors", abuse.sent,
          f"{len(abuse.wrong)} wrong")  # fmt: skip
    assert abuse.wrong == []


def test_no_string_in_a_header_is_a_server_error(
    world: World, people: list[Visitor], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    abuse, pick = Abuse(), random.Random(8)
    for visitor, page in ((people[0], "/research"), (people[3], "/login/"), (people[4], "/research")):
        for name in HEADERS:
            for text in filter(fits, some(full, pick)) if full else filter(fits, pick.sample(NAUGHTY, 1)):
                value = text[:8_000].encode("utf-8", "surrogatepass").decode("latin-1")
                values = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={value}"} if name == "Cookie" else {name: value}
                abuse.send(visitor, pick.choice(["GET", "POST"]), page, [], headers=values)
    proof(f"naughty strings in {len(HEADERS)} headers, 0 server errors", abuse.sent, f"{len(abuse.wrong)} wrong")
    assert abuse.wrong == []


def broken(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (method, how to send) of what no browser would send to a form's address."""
    values, first = form.values(), next(iter(form.values()), "x")
    boundary = "BoUnDaRyStRiNg"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="{first}"'
    multipart = f"multipart/form-data; boundary={boundary}"
    yield "POST", {"data": {}}
    yield "POST", {"data": {name: [*held, *held, "x"] for name, held in values.items()}}
    yield "POST", {"data": {f"{name}[]": held for name, held in values.items()}}
    yield "POST", {"data": {f"{name}[a][b]": held for name, held in values.items()}}
    yield "POST", {"data": dict.fromkeys(values, "")}
    for kind in ("application/json", "text/plain", "application/xml", "multipart/form-data", "x" * 300, "", "a/b; c",
                 "application/x-www-form-urlencoded; charset=utf-16", "text/html; charset=nonsense"):  # fmt: skip
        yield "POST", {"data": b'{"a": [1, 2]}', "content_type": kind}
    yield "POST", {"data": b'{"a":' * 5_000, "content_type": "application/json"}
    for body in (f"{part}\r\n\r\n", f"{part}", f"--{boundary}--", f"{part}; filename=\r\n\r\nx\r\n", "\0\0",
                 f"{part}\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--{boundary}--",
                 f'{part}; filename="../../x"\r\n\r\nabc\r\n--{boundary}--\r\n',
                 f"--{boundary}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{boundary}--"):  # fmt: skip
        yield "POST", {"data": body.encode(), "content_type": multipart}
    yield "POST", {"data": b"&".join(b"f%d=1" % n for n in range(5_000)), "content_type": URLENCODED}
    yield "POST", {"data": (first + "=%ff%fe%00&" + first + "=%").encode(), "content_type": URLENCODED}
    yield "POST", {"data": b"=&=&&&;;==&a", "content_type": URLENCODED}
    files = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="a.txt"\r\n\r\nabc\r\n'
                     .encode() for name in values) + f"--{boundary}--\r\n".encode()  # fmt: skip
    yield "POST", {"data": files, "content_type": multipart}
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"):
        yield method, {}


URLENCODED = "application/x-www-form-urlencoded"
assert MULTIPART_CONTENT.startswith("multipart/")


def test_what_no_browser_sends_is_no_server_error(
    forms: list[Form], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    abuse, pick = Abuse(), random.Random(9)
    for form in forms if full else pick.sample(forms, len(forms) // 3):
        ways = list(broken(form))
        for method, more in ways if full else pick.sample(ways, 1):
            abuse.send(form.visitor, method, form.action, [], **more)
    proof("broken bodies, types, methods to every form, 0 server errors", abuse.sent, f"{len(abuse.wrong)} wrong")
    assert abuse.wrong == []


def test_a_post_without_a_good_token_changes_nothing(forms: list[Form], full: bool) -> None:
    pick = random.Random(10)
    posted = [form for form in forms if form.method == "POST"]
    for form in posted if full else pick.sample(posted, 5):
        form.visitor.client.handler.enforce_csrf_checks = True
        try:
            for token in ("", "x" * 64, "ü", "\0"):
                answer = form.visitor.ask("POST", form.action, data=form.values() | {"csrfmiddlewaretoken": token})
                assert answer.status_code in {403, 404}, (form.action, token)
        finally:
            form.visitor.client.handler.enforce_csrf_checks = False


def classes(base: type) -> Iterator[type]:
    """Yield every form class of ours, however deep."""
    for each in base.__subclasses__():
        # The form of staff for sign-in providers: no page shows it, its models are taken off the staff pages.
        if each.__module__.startswith(("apps.", "allauth.")) and not each.__module__.endswith(".admin"):
            yield each
        yield from classes(each)


def test_every_field_of_every_form_class_says_what_is_wrong_in_words(
    proof: Callable[[str, int, str], None],
) -> None:  # fmt: skip
    tried, wrong = 0, []
    for form in dict.fromkeys(classes(django_forms.BaseForm)):
        for name, each in getattr(form, "base_fields", {}).items():
            for text in NAUGHTY:
                value = [text] if isinstance(each, django_forms.MultipleChoiceField) else text
                value = [] if isinstance(each, django_forms.FileField) else value
                try:
                    each.clean(value)
                except ValidationError:
                    pass
                except Exception as error:
                    wrong.append(f"{form.__name__}.{name}: {text[:30]!r}: {error!r}")
                tried += 1
    proof("naughty strings in every field of every form class", tried, f"{len(wrong)} wrong")
    assert wrong == []
    assert tried > 10_000


TYPED = "kept <qzq> & “as” 'typed'"
# What need not come back, and why.
NOT_KEPT = {
    ("/settings/general/close", "name"): "typed to be sure: it is to be typed again",
    ("rate", "note"): "the browser's own limit is the same; the button that sent it stands on a page of its own",
}


def test_what_was_typed_comes_back_when_it_is_refused(forms: list[Form], full: bool) -> None:
    """Each text field keeps its text when the form is refused for another reason, or for this text."""
    lost, came_back = [], 0
    posted = [form for form in forms if form.method == "POST" and form.texts()]
    for form in posted if full else random.Random(12).sample(posted, min(6, len(posted))):
        empty = form.values() | dict.fromkeys(form.texts(), "")
        for name in form.texts():
            if any(form.action.endswith(end) and name == field_ for end, field_ in NOT_KEPT):
                continue
            for rest, text in ((empty, TYPED), (form.values(), TYPED + " long" * 20_000)):
                answer = form.visitor.ask("POST", form.action, data=rest | {name: text})
                if answer.status_code in {400, 402, 409, 422}:
                    there = TYPED in html.unescape(answer.content.decode())
                    came_back += there
                    lost += [] if there else [f"{form.action} {name} {answer.status_code}"]
    assert sorted(set(lost)) == []
    assert came_back > 5


@pytest.mark.parametrize("page", ["/datasets", "/datasets/ds_library"])
@pytest.mark.parametrize("gone", ["a/b", "%00", "%F0%9F%98%80", "ds_library"])
def test_a_dataset_or_document_that_is_named_as_deleted_and_is_not_is_no_error(
    people: list[Visitor], page: str, gone: str
) -> None:  # fmt: skip
    assert people[0].ask("GET", f"{page}?deleted={gone}").status_code == 200


SHAPED = (
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA", '
    '"userHandle": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}'
)


@pytest.mark.parametrize(
    "said", ["9" * 5_000, "[" * 5_000, "null", "{}", "[1]", '{"id": 1}', SHAPED, SHAPED.replace("AAAA", "ä")]
)
def test_a_passkey_that_is_beyond_all_limits_is_refused_in_words(people: list[Visitor], said: str) -> None:
    answer = people[3].ask("POST", "/settings/security/webauthn/login/", data={"credential": said})
    assert answer.status_code < 500, Abuse().why(answer)


@pytest.mark.parametrize("number", ["run_01", "%00", "9" * 40, "-1", "1_2"])
def test_an_approval_of_staff_that_is_not_there_leads_to_the_list(people: list[Visitor], number: str) -> None:
    assert people[2].ask("GET", f"/staff/agenda/pendingapproval/{number}/change/").status_code == 302
