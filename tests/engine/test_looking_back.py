"""How far back a night looks: at the past of those alone of whom something changed, and with the same result.

The laws compute every night both ways (`tests.same_night`); here is told who is looked at, and why.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from core.errors import RefusedError
from core.ledger import ActKind
from engine.compute import compute
from engine.lookback import EVERYTHING, Lookback
from engine.night import Night, gather
from engine.replaying.replay import Verdict, replay_run
from engine.run import NightOptions, run_night
from store.codes import StoreCode
from tests.same_night import limited_night_agrees
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
MONTHLY = "{period: month, pay: {calendar: monthly, day: 15}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abcd")
    made.deliver("cards", [{"who": who, **CARD} for who in "abc"], on="2025-01-02")
    yield made
    made.store.close()


def _paid_through_may(world: World, **rule: str) -> None:
    world.rule(on="2025-01-03", **rule)  # type: ignore[arg-type]  # its texts
    for month in (1, 3, 5):
        world.night(f"2025-{month:02d}-16", pays=True)


def _gathered(world: World, date: str) -> Night:
    with world.store.reading() as rx:
        return gather(
            rx,
            world.root,
            world.deployment.catalogue,
            business_date=day(date),
            known_at=world.clock.now(),
        )


def _looked_back(world: World, date: str) -> Night:
    night = _gathered(world, date)
    with world.store.reading() as rx:
        return compute(rx, night, lambda _: None).night


def _whole(world: World, date: str = "2025-05-20") -> set[str]:
    """Return at whose past the night of a date looks, by letter."""
    world.on(date)
    letters = {world.subject(who): who for who in "abcd"}
    night = _looked_back(world, date)
    assert night.lookback.since == {"care": day("2025-04-01")}
    return {letters[each] for each in night.lookback.whole}


def test_a_quiet_night_looks_at_two_periods(world: World) -> None:
    """That of the last night and the one before, of everybody; the rest of the ledger stays where it is."""
    _paid_through_may(world)
    world.on("2025-05-20")

    night = _looked_back(world, "2025-05-20")

    assert night.lookback.since == {"care": day("2025-04-01")}
    assert night.lookback.whole.is_empty()
    assert sorted(night.positions["period"].unique()) == ["2025-04", "2025-05"]
    assert limited_night_agrees(world.deployment, day("2025-05-20"))


def _another_past(world: World) -> None:
    rows = [{"who": who, **CARD} for who in "bc"] + [{"who": "a", **CARD, "止": "2025-02-15"}]
    world.deliver("cards", rows, on="2025-05-18")


def _first_card(world: World) -> None:
    world.deliver("cards", [{"who": who, **CARD} for who in "abcd"], on="2025-05-18")


@pytest.mark.parametrize(
    ("happens", "whose"),
    [
        (_another_past, {"a"}),
        (_first_card, {"d"}),
        (lambda world: world.act("b", ActKind.WAIVE, on="2025-05-18"), {"b"}),
        (lambda world: world.act("c", ActKind.HOLD, on="2025-05-18"), {"c"}),
        (lambda world: world.people("abcd", on="2025-05-18"), set()),
        (lambda world: world.deliver("cards", [{"who": w, **CARD} for w in "abc"], on="2025-05-18"), set()),
    ],
    ids=[
        "a fact of the past",
        "a fact of nobody known",
        "a waiver",
        "a grievance",
        "the same register",
        "the same cards",
    ],
)
def test_it_looks_at_the_past_of_those_of_whom_something_changed(
    world: World, happens: Callable[[World], None], whose: set[str]
) -> None:
    """A delivery that says what was known already brings nobody back."""
    _paid_through_may(world)
    happens(world)

    assert _whole(world) == whose
    assert limited_night_agrees(world.deployment, day("2025-05-20"))


def test_money_that_has_not_gone_out_yet_brings_nobody_back(world: World) -> None:
    """It is known all the same: what is collected goes by the order of its grants. What is on hold is looked at."""
    world.rule(on="2025-01-03")
    for date in ("2025-01-16", "2025-03-16", "2025-05-16"):
        world.night(date)
    world.act("b", ActKind.HOLD, on="2025-05-17")
    world.night("2025-05-18")
    world.on("2025-05-20")

    night = _looked_back(world, "2025-05-20")

    assert night.unpaid["period"].unique().sort().to_list() == ["2025-01", "2025-02", "2025-03"]
    assert set(night.unpaid["subject_id"]) == {world.subject("a"), world.subject("c")}
    assert night.lookback.whole.to_list() == [world.subject("b")]
    assert limited_night_agrees(world.deployment, day("2025-05-20"))


def test_it_looks_at_the_past_of_those_of_whom_nothing_is_certain(world: World) -> None:
    """A held period counts in the report of every night, however old it is."""
    world.people("abcd", on="2025-01-04", 出生="1970-01-01")
    _paid_through_may(world, criteria="有证; 等级 >= 1", example="{有证: true, 等级: 1}")
    held = [{"who": who, **CARD} for who in "bc"] + [{"who": "a", **CARD, "等级": None}]
    world.deliver("cards", held, on="2025-05-18")
    world.night("2025-05-19")

    assert "a" in _whole(world)
    assert limited_night_agrees(world.deployment, day("2025-05-20"))


@pytest.mark.parametrize(
    ("rule", "since"),
    [
        ({"terms": MONTHLY + ", grace: {periods: 2}}"}, "2025-04-01"),
        ({"terms": MONTHLY + ", arrears: {months: 3}}"}, "2025-04-01"),
        ({"terms": "{period: quarter, pay: {calendar: quarterly, day: 15}}"}, "2025-01-01"),
        ({"excludes": "[{group: g, mode: highest, span: year}]"}, "2025-04-01"),
        ({"terms": "{period: once, pay: {calendar: daily}}"}, None),
    ],
    ids=["grace", "arrears", "quarters", "a group of one", "once"],
)
def test_what_a_rule_says_decides_how_far(world: World, rule: dict[str, str], since: str | None) -> None:
    """The period before that of the last night; what is decided once is looked at for ever."""
    _paid_through_may(world, stands_from="2024-01-01", **rule)
    world.on("2025-05-20")

    night = _gathered(world, "2025-05-20")
    assert night.last is not None
    with world.store.reading() as rx:
        lookback = compute(rx, night, lambda _: None).night.lookback

    assert lookback.since.get("care") == (None if since is None else day(since))


@pytest.mark.parametrize(
    ("excludes", "since"),
    [
        ("[{group: g, mode: highest, span: period}]", "2025-04-01"),
        ("[{group: g, mode: highest, span: year}]", "2025-01-01"),
        ("[{group: g, mode: highest, span: lifetime}]", None),
    ],
    ids=["period", "year", "lifetime"],
)
def test_money_that_is_shared_is_looked_at_together(world: World, excludes: str, since: str | None) -> None:
    """Both policies of a group look back equally far: over the span for which they share."""
    world.rule(on="2025-01-03", stands_from="2024-01-01", excludes=excludes)
    world.rule(on="2025-01-03", stands_from="2024-01-01", policy="other", amounts=90, excludes=excludes)
    for month in (1, 3, 5):
        world.night(f"2025-{month:02d}-16", pays=True)
    world.on("2025-05-20")

    since_by_policy = _looked_back(world, "2025-05-20").lookback.since

    days = {since_by_policy.get(each) for each in ("care", "other")}
    assert days == {None if since is None else day(since)}


def test_a_policy_decided_otherwise_is_looked_at_whole(world: World) -> None:
    """A version that begins to stand has another look at every period; the night after goes on from it."""
    _paid_through_may(world)
    world.rule(version=2, amounts=200, stands_from="2025-03-01", on="2025-05-18")

    world.on("2025-05-20")
    first = _looked_back(world, "2025-05-20").lookback
    world.night("2025-05-20", pays=True)
    world.on("2025-05-21")
    second = _looked_back(world, "2025-05-21").lookback

    assert not first.is_limited
    assert second.since == {"care": day("2025-04-01")}
    assert sum(sum(each) for each in world.items("a").values()) == 150 * 2 + 200 * 3


def test_a_night_may_be_told_to_look_at_everything(world: World) -> None:
    """Then its folder has every period; else it has those that were looked at."""
    _paid_through_may(world)

    counts = []
    for date, is_whole in (("2025-05-20", False), ("2025-05-21", True)):
        world.on(date)
        options = NightOptions(is_whole=is_whole)
        run_night(world.deployment, day(date), options=options, progress=lambda _: None)
        counts.append(pl.read_parquet(world.root / "runs" / date / "dues.parquet").height)

    assert counts == [3 * 2, 3 * 5]


def test_a_night_whose_folder_is_gone_is_gone_on_from_by_looking_at_everything(world: World) -> None:
    """Who was held nobody knows any more."""
    _paid_through_may(world)
    (world.root / "runs" / "2025-05-16" / "dues.parquet").unlink()
    world.on("2025-05-20")

    assert _gathered(world, "2025-05-20").last is None


def test_a_load_that_the_last_night_did_not_see_is_news(world: World) -> None:
    """It has an instant before that night's, and was committed after the night had looked."""
    _paid_through_may(world)
    _another_past(world)
    world.on("2025-05-20")
    night = _gathered(world, "2025-05-20")
    assert night.last is not None
    seen = max(info.load_id for info in night.loads.infos if info.load_id in night.last.loads)

    unseen = [info for info in night.loads.infos if info.load_id not in night.last.loads]

    assert len(unseen) == 1
    assert unseen[0].load_id != seen
    assert _whole(world) == {"a"}


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "gone"])
def test_prints_only_ever_spare_time(world: World, is_kept: bool) -> None:  # what pytest gives
    """Without them, what was known then is assembled once more, and names the same subjects."""
    _paid_through_may(world)
    _another_past(world)
    for path in world.deployment.workspace.ledger_copies.glob("*.prints"):
        if not is_kept:
            path.unlink()

    assert _whole(world) == {"a"}


def test_a_replay_looks_as_far_back_as_the_night_did(world: World) -> None:
    """It comes to the same, frame by frame; without the list of those looked at it is refused."""
    _paid_through_may(world)
    _another_past(world)
    world.night("2025-05-20")

    assert replay_run(world.deployment, "2025-05-20", lambda _: None).verdict is Verdict.EQUAL
    (world.root / "runs" / "2025-05-20" / "whole.parquet").unlink()
    again = replay_run(world.deployment, "2025-05-20", lambda _: None)
    assert again.verdict is Verdict.REFUSED
    assert [each.place.path for each in again.findings] == ["runs/2025-05-20/whole.parquet"]


def test_a_copy_that_goes_while_a_night_is_computed_is_told(world: World) -> None:
    """Another night was published in between; nothing is computed from half of a ledger."""
    _paid_through_may(world)
    world.on("2025-05-20")
    night = _gathered(world, "2025-05-20")
    for path in world.deployment.workspace.ledger_copies.glob("*.parquet"):
        path.unlink()

    with world.store.reading() as rx, pytest.raises(RefusedError) as refused:
        compute(rx, night, lambda _: None)

    assert refused.value.findings[0].code is StoreCode.CHANGED


def test_of_new_grants_every_period_is_looked_at() -> None:
    """Nobody has looked at their past yet; of others only what is recent, or theirs who are looked at whole."""
    names = ("subject_id", "grant_id", "period")
    rows = pl.DataFrame(
        [(who, f"g{who}", period) for who in "abc" for period in ("2025-01", "2025-05")], schema=names, orient="row"
    )
    lookback = Lookback({"care": day("2025-04-01")}, pl.Series("subject_id", ["a"]))

    within = lookback.within("care", rows, pl.Series(["gb"]))

    assert within.select("subject_id", "period").rows() == [
        ("a", "2025-01"),
        ("a", "2025-05"),
        ("b", "2025-01"),
        ("b", "2025-05"),
        ("c", "2025-05"),
    ]
    assert EVERYTHING.within("care", rows, pl.Series(dtype=pl.String)).equals(rows)
