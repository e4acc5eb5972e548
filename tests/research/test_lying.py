"""A model that lies: invented sources, renumbered markers, quotes that are not there, swapped digits, foreign names."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from apps.library import rules as passages
from apps.memory.grounding import mutations
from apps.memory.grounding.verdicts import judge
from apps.research.steps.contracts import (
    Cited,
    Collected,
    DraftSentenceReply,
    QuoteReply,
    Sentence,
    SentenceReply,
)
from apps.research.steps.summarize import Excerpt, cite
from apps.research.steps.synthesize import _line

LIBRARY = Path(__file__).parents[2] / "samples" / "library"
TEXTS = {f"snap{n}": path.read_text() for n, path in enumerate(sorted(LIBRARY.glob("*.md")))}
NAMES = ("Marlow", "Dr Grant", "Helsinki", "Westwood", "Okafor")


def excerpts() -> dict[str, Excerpt]:
    found = {}
    for number, (snapshot, body) in enumerate(sorted(TEXTS.items()), start=1):
        source = Collected(number=number, title="", snapshot=snapshot, published_date=None, reason="")
        for start, end in passages.split(body):
            found[f"p{len(found) + 1}"] = Excerpt(f"p{len(found) + 1}", source, start, body[start:end])
    return found


def lie(draw: random.Random, known: dict[str, Excerpt]) -> tuple[SentenceReply, str]:
    """Return what the model says, and which lie it is."""
    excerpt = known[draw.choice(sorted(known))]
    true = draw.choice([line for line in excerpt.text.splitlines() if len(line) > 30] or [excerpt.text])
    kind = draw.choice(["passage", "quote", "number", "name", "negation", "unit", "other", "address", "true"])
    passage, quote, said = excerpt.id, true, true
    if kind == "passage":
        passage = f"p{draw.randrange(10_000, 20_000)}"
    elif kind == "quote":
        quote = "".join(draw.sample(true, len(true)))
    elif kind == "other":
        passage = draw.choice(sorted(known))
    elif kind == "address":
        passage = f"https://{draw.choice(NAMES).lower().replace(' ', '')}.example/{draw.randrange(99)}"
    elif kind != "true":
        said = mutations.KINDS[kind](true, NAMES, draw) or true
        if draw.random() < 0.5:
            quote = said
    return SentenceReply(text=said, citations=[QuoteReply(passage=passage, quote=quote)]), kind


def test_of_what_a_lying_model_says_no_citation_is_made_up(full: bool, proof: Callable[[str, int, str], None]) -> None:
    known, draw = excerpts(), random.Random(11)
    tries, cited, doubted, changed, missed = 10_000 if full else 800, 0, 0, 0, []
    for _try in range(tries):
        reply, kind = lie(draw, known)
        made = cite(reply, known)
        sentence = Sentence(id="1.1", text=reply.text, citations=made)
        # The draft may renumber: what it names and nobody wrote carries nothing.
        markers = [draw.choice(["1.1", "9.9", "s1", ""]), "1.1"][draw.randrange(2) :]
        line = _line(0, "", DraftSentenceReply.model_validate({"text": reply.text, "from": markers}), {"1.1": sentence})
        for each in line.citations:
            assert TEXTS[each.snapshot][each.start : each.end] == each.quote, "a quote that is not there"
            assert each in made, "a citation that no summary made"
            cited += 1
        verdict = judge(line.text, [each.quote for each in line.citations]).verdict
        if not line.citations:
            assert verdict == "unsupported"
        if kind in mutations.KINDS and line.citations and reply.text not in " ".join(c.quote for c in line.citations):
            changed += 1
            doubted += verdict not in {"sourced", "calculated"}
            if verdict in {"sourced", "calculated"}:
                missed.append((kind, reply.text))
    proof(
        "what a lying model cites: 0 quotes that are not there",
        tries,
        f"{cited} citations, all in their snapshots; {doubted} of {changed} changed sentences doubted",
    )
    assert cited > tries / 4 and changed > tries / 20
    assert doubted >= 0.97 * changed, missed[:10]


def test_a_citation_beside_its_text_is_no_citation() -> None:
    excerpt = next(iter(excerpts().values()))
    assert (
        cite(
            SentenceReply(text="x", citations=[QuoteReply(passage=excerpt.id, quote="never said")]),
            {excerpt.id: excerpt},
        )
        == []
    )
    whole = cite(
        SentenceReply(text="x", citations=[QuoteReply(passage=excerpt.id, quote=excerpt.text[:40])]),
        {excerpt.id: excerpt},
    )
    assert isinstance(whole[0], Cited) and whole[0].quote == excerpt.text[:40]
