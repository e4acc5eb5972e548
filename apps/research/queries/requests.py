"""What a run was asked, as a form's first values or as a request to ask again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.lib.errors import NotFound
from apps.research.models import Inquiry


def initial(run: str) -> dict[str, Any]:
    """Return the first values of the whole form. Raises NotFound."""
    row = Inquiry.objects.filter(pk=run).first()
    if row is None:
        raise NotFound(_("There is no such run."))
    return {
        "question": row.question, "scope": "chosen", "documents": row.documents, "depth": row.depth,
        "source_cap": row.source_cap, "mode": row.mode, "methodology": row.methodology,
        "assumptions": "\n".join(row.assumptions), "budget_cap": row.budget_cap, "points": row.approval_points,
        "visibility": row.visibility, "team": row.team, "named": row.named,
    }  # fmt: skip
