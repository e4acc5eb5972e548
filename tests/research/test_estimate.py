"""What a run will cost, learned from what runs cost before."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.billing.rules import Band
from apps.billing.rules import estimate as by_rules
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.policy import queries as policy
from apps.research import rules
from apps.research.actions import runs
from apps.research.models import Inquiry
from apps.research.queries import lists
from apps.runtime import actions as runtime
from apps.runtime import queries as states
from tests.conftest import Cast

bands = st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 200)).map(
    lambda sizes: Band(sizes[0], sizes[0] + sizes[1], sizes[0] + sizes[1] + sizes[2])
)
histories = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 400)), max_size=90)


@given(bands, histories)
def test_an_estimate_is_whole_ordered_and_never_above_what_a_run_can_cost(
    band: Band, past: list[tuple[int, int]]
) -> None:  # fmt: skip
    found = rules.expect(band, past)
    assert all(type(each) is int for each in (found.low, found.likely, found.high, found.most))
    assert 0 <= found.low <= found.likely <= found.high <= found.most == band.high
    if sum(most > 0 for most, _used in past[: rules.MOST_PAST]) < rules.FEWEST_PAST:
        assert (found.low, found.likely, found.high, found.runs) == (band.low, band.likely, band.high, 0)


@given(bands, st.integers(3, 60), st.integers(0, 100))
def test_runs_that_all_cost_the_same_share_draw_the_estimate_to_it(band: Band, runs_: int, share: int) -> None:
    found = rules.expect(band, [(100, share)] * runs_)
    there = band.high * share / 100
    # So far from the rules' own figures as there are runs to say so, and rounded outwards.
    for own, said in ((band.low, found.low), (band.high, found.high)):
        wanted = (runs_ * there + rules.RULES_WEIGH * own) / (runs_ + rules.RULES_WEIGH)
        assert abs(said - wanted) <= 1
    assert found.low <= there + 1 or there < band.low
    assert found.high + 1 >= there or there > band.high


def workspaces(seed: int) -> list[Callable[[random.Random], float]]:
    """Kinds of workspaces: the share of what a run can cost that its runs do cost."""
    return [
        lambda dice: dice.betavariate(20, 20),
        lambda dice: dice.uniform(0.35, 1.0),
        lambda dice: dice.choice((0.4, 0.9)) + dice.uniform(-0.05, 0.05),
        lambda dice: dice.betavariate(2, 8) * 0.7 + 0.3,
        lambda dice: 1.0 if dice.random() < 0.5 else dice.uniform(0.3, 1.0),
    ]


def test_nine_in_ten_runs_end_within_their_estimate_which_grows_narrow(proof: Callable, full: bool) -> None:
    inside = tried = 0
    narrow: list[float] = []
    for seed in range(200 if full else 20):
        for kind, cost in enumerate(workspaces(seed)):
            dice, past = random.Random(seed * 10 + kind), list[tuple[int, int]]()
            of_kind = 0
            for number in range(60):
                band = by_rules(sub_questions=4, queries=8, sources=dice.randint(3, 12))
                found = rules.expect(band, past)
                used = min(band.high, max(band.low, round(cost(dice) * band.high)))
                of_kind += found.low <= used <= found.high
                past.insert(0, (band.high, used))
                if kind == 0 and number >= 30:
                    narrow.append((found.high - found.low) / (band.high - band.low))
            assert of_kind >= 45, (seed, kind, of_kind)
            inside, tried = inside + of_kind, tried + 60
    share = 100 * inside / tried
    proof("runs that end within their estimate", tried, f"{share:.1f} %")
    assert share >= 90
    assert sum(narrow) / len(narrow) < 0.6, "where runs are alike, the estimate is no wiser than the rules"


TEXTS = [
    b"# The dam\n\nThe dam was opened in 1974 and holds 12.5 million cubic metres of water. It is 61 metres high.\n",
    b"# The bridge\n\nThe bridge was opened in 1988. It carries 12 000 cars a day over 412 metres of water.\n",
    b"# The mill\n\nThe mill ground 40 tonnes of grain a day until 1931. Its wheel is 7 metres high.\n",
]


def test_real_runs_end_within_what_was_said_and_teach_the_next_estimate(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        uploads = [Upload(f"{n}.md", text) for n, text in enumerate(TEXTS)]
        added, _rejected = library.add(by=committed.alice, uploads=uploads)
        versions = tuple(one.version for one in added)
        questions = ("When was it opened?", "How high is it?", "What does it hold?", "How much does the dam hold?")
        asked = [
            runs.Request(question=question, documents=versions[: 1 + n % 3], depth="quick", approval_points=())
            for n, question in enumerate(questions)
        ]
        for request in asked:
            said = runs.estimate(request)
            run = runs.start(by=committed.alice, request=request)
            assert billing.balance(committed.acme).held == said.most
            runtime.drive()
            assert states.run(run).state == "completed"
            row = Inquiry.objects.get(pk=run)
            assert row.used == policy.used(run).credits
            assert said.low <= row.used <= said.high and (row.low, row.high) == (said.low, said.high)
        learned = runs.estimate(asked[0])
        alone = runs.estimate(asked[0], past={})
        assert learned.runs == 4 and alone.runs == 0
        costs = sorted(Inquiry.objects.exclude(used=None).values_list("used", flat=True))
        assert learned.most == alone.most and learned.high <= alone.high
        assert costs[-1] <= learned.likely < alone.likely
        shown = lists.estimate(learned, documents=1, there=100)
        assert shown.note is not None and shown.note.pairs[0].value.startswith("4 ")
        assert runs.estimate(runs.Request("?", documents=versions, depth="deep")).runs == 0
