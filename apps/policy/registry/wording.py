"""What the shipped tools touch and how they are undone, in the reader's language.

tools.yaml says it in English, and whoever reads the file needs nothing else; here the same sentences stand where the
catalogues of translations find them. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from apps.policy.registry.definitions import Tool


class Wording(NamedTuple):
    """A tool in words."""

    touches: str
    undo: str


_UNCHANGED = _("nothing is changed")
# By tool. What a server says of its own tools is the server's, in the server's language.
_WORDINGS = {
    "model_complete": (_("the texts that a step hands over"), _UNCHANGED),
    "model_embed": (_("the texts that a step hands over"), _UNCHANGED),
    "web_search": (_("the query goes to the search provider"), _UNCHANGED),
    "web_fetch": (_("the address is asked for on the public web"), _UNCHANGED),
    "library_search": (_("documents that the run was given"), _UNCHANGED),
    "library_read": (_("documents that the run was given"), _UNCHANGED),
    "document_write": (
        _("the documents of the workspace"),
        _("each version stays, and one can be taken back; a deleted document can be restored for 30 days"),
    ),
    "report_seal": (_("a hash; no text is handed over"), _UNCHANGED),
    "code_execution": (_("the files of one task, in a machine of its own"), _("the machine is thrown away")),
}


def of(tool: Tool) -> Wording:
    """Return what a tool touches and how it is undone; as its definition has it where nothing is translated."""
    touches, undo = _WORDINGS.get(tool.name, (tool.touches, tool.undo))
    return Wording(str(touches), str(undo))


def known() -> Iterator[str]:
    """Yield the tools whose words are translated."""
    yield from _WORDINGS
