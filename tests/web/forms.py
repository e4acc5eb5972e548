"""Forms as a browser finds them: every page is opened, every form on it is read with what it would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.tenancy.addresses import Address
from tests.tenancy.crawling import Visitor

TEXT = {"text", "textarea", "search", "email", "number", "url", ""}


@dataclass
class Form:
    """One form. fields: name → what it holds; kinds: name → type of the input."""

    visitor: Visitor
    page: str
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes it the same form on another page or for another id."""
        parts = [part if not any(c.isdigit() for c in part) else "*" for part in self.action.split("?")[0].split("/")]
        return self.visitor.on + self.method, "/".join(parts), tuple(sorted(self.fields))

    def values(self) -> dict[str, list[str]]:
        """Return what it would send as it stands, without the token that tests need not send."""
        return {name: list(held) for name, held in self.fields.items() if name != "csrfmiddlewaretoken"}

    def texts(self) -> list[str]:
        """Return the names of the fields in which a person writes."""
        return [name for name, kind in self.kinds.items() if kind in TEXT]


class Reader(HTMLParser):
    """Collects the forms of a page; a field may stand outside and name its form."""

    def __init__(self, visitor: Visitor, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.visitor, self.page = visitor, page
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.outside: list[tuple[str, str, str, str]] = []
        self.inside: Form | None = None
        self.area: str | None = None
        self.choice: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag says of a form."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            action, method = said.get("action") or self.page, said.get("method", "get").upper()
            self.inside = Form(self.visitor, self.page, action, method)
            self.forms.append(self.inside)
            if said.get("id"):
                self.named[said["id"]] = self.inside
        elif tag in {"input", "textarea", "select", "button"} and said.get("name"):
            kind = said.get("type", "") if tag in {"input", "button"} else tag
            if tag == "select":
                self.choice = said["name"]
            if tag == "textarea":
                self.area = said["name"]
            self._hold(said, kind)
        elif tag == "option" and self.choice and self.inside and "selected" in said:
            self.inside.fields[self.choice] = [said.get("value", "")]

    def _hold(self, said: dict[str, str], kind: str) -> None:
        form = self.named.get(said["form"]) if said.get("form") else self.inside
        if form is None:
            return
        held = form.fields.setdefault(said["name"], [])
        form.kinds.setdefault(said["name"], kind)
        if (kind in {"checkbox", "radio"} and "checked" not in said) or kind in {"textarea", "select", "file"}:
            return
        if kind in {"submit", "button"} and held:
            return
        held.append(said.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Keep what stands in a text area."""
        if self.area and self.inside is not None:
            self.inside.fields[self.area] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        """Leave a form, an area or a select."""
        if tag == "form":
            self.inside = None
        self.area = None if tag == "textarea" else self.area
        self.choice = None if tag == "select" else self.choice


def on_page(visitor: Visitor, page: str) -> list[Form]:
    """Return the forms of one page; none where it is no HTML."""
    answer = visitor.ask("GET", page)
    if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
        return []
    reader = Reader(visitor, page)
    reader.feed(answer.content.decode(errors="replace"))
    return [form for form in reader.forms if form.method != "DIALOG" and not form.action.startswith("http")]


def collect(visitors: list[Visitor], found: list[Address], public: str) -> list[Form]:
    """Return every form of every address, once."""
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    for visitor in visitors:
        for address in found:
            if (visitor.on == "apex") == (address.conf == public):
                for form in on_page(visitor, address.path):
                    forms.setdefault(form.key, form)
    return list(forms.values())
