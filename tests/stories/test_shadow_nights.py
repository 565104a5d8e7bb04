"""Shadow nights: what a version would do is told beside the night, and nothing of it leaves before a person has looked."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from core.clock import civil_instant
from core.errors import RefusedError, RunError
from core.ledger import ItemState
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.sample_file import Judged, record_verdicts, write_sample
from engine.lifecycle.sampling import draw_sample
from engine.replaying.replay import Verdict as ReplayVerdict
from engine.replaying.replay import replay_run
from engine.report import PolicyTally
from engine.run import NightOptions, run_night
from store.activation_steps import read_activations
from store.codes import StoreCode
from store.grants import read_grants
from tests.world import POLICY, World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with two people, one of whom has a card."""
    made = World.at(tmp_path)
    made.people("ab")
    made.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    yield made
    made.store.close()


def _grant_count(world: World) -> int:
    with world.store.reading() as rx:
        return read_grants(rx).height


def _states(world: World) -> list[list[str]]:
    with world.store.reading() as rx:
        records = read_activations(rx)
        return [[step.target.value for step in record.steps] for record in records]


def _shadow(tallies: tuple[PolicyTally, ...]) -> list[tuple[str, int | None, int, int, int]]:
    return [(t.policy, t.version, t.met_count, t.new_count, t.opened_fen) for t in tallies]


def test_a_new_policy_is_only_computed(world: World) -> None:
    """For two nights it is told who would be met and what would be paid; no grant, item, notice or batch is there."""
    world.rule(on="2025-01-03", shadow_nights=2)

    first, second = world.night("2025-01-14"), world.night("2025-01-15")

    for report in (first, second):
        assert _shadow(report.shadows) == [(POLICY, 1, 1, 1, 15000)]
        assert [(t.met_count, t.new_count, t.opened_fen) for t in report.policies] == [(0, 0, 0)]
        assert (report.batches, report.notice_count) == ((), 0)
    assert _grant_count(world) == 0
    assert _states(world) == [["shadow", "in_force"]]
    kept = pl.read_parquet(world.root / "runs" / "2025-01-15" / "shadow_outcomes.parquet")
    assert kept.filter(pl.col("outcome") == "met").select("policy", "subject_id").rows() == [
        (POLICY, world.subject("a"))
    ]


def test_after_its_shadow_nights_it_waits_for_its_sample(world: World) -> None:
    """Grants open and are told; what they are paid first is on hold, also on a pay day."""
    world.rule(on="2025-01-03", shadow_nights=1)
    world.night("2025-01-13")

    report = world.night("2025-01-15")

    assert report.shadows == ()
    assert _grant_count(world) == 1
    assert world.states("a") == {"2025-01": [ItemState.ON_HOLD]}
    assert report.batches == ()


def test_a_raise_in_shadow_leaves_the_version_that_stands(world: World) -> None:
    """Version 1 pays as before; the raise from the same day is told beside it."""
    world.rule(on="2025-01-03")
    world.rule(version=2, amounts=180, stands_from="2025-01-01", on="2025-01-04", shadow_nights=1)

    report = world.night("2025-01-15", pays=True)

    assert world.items("a") == {"2025-01": [150]}
    assert _shadow(report.shadows) == [(POLICY, 2, 1, 1, 18000)]

    world.night("2025-01-16")
    assert world.items("a") == {"2025-01": [150, 30]}
    assert world.states("a") == {"2025-01": [ItemState.PAID, ItemState.ON_HOLD]}


def test_a_dry_run_tells_the_shadow_too(world: World) -> None:
    """And moves nothing."""
    world.rule(on="2025-01-03", shadow_nights=1)

    world.clock.instant = civil_instant(day("2025-01-15"), 22)
    options = NightOptions(is_dry_run=True)
    report = run_night(world.deployment, day("2025-01-15"), options=options, progress=lambda _: None)

    assert [each.policy for each in report.shadows] == [POLICY]
    assert _states(world) == [[]]


def test_the_shadow_begins_on_its_first_day(world: World) -> None:
    """A version that stands from February casts no shadow in January."""
    world.rule(on="2025-01-03", stands_from="2025-02-01", shadow_nights=1)

    assert world.night("2025-01-31").shadows == ()
    assert _states(world) == [[]]
    assert world.night("2025-02-01").shadows != ()
    assert _states(world) == [["shadow", "in_force"]]


def test_a_window_lapses(world: World) -> None:
    """Nights move an activation into force on its first day, and out of it after its last."""
    world.rule(on="2025-01-03", through="2025-01-31")

    for date, states in (("2025-01-31", ["in_force"]), ("2025-02-01", ["in_force", "lapsed"])):
        world.night(date)
        assert _states(world) == [states]


def _sample(world: World, **more: int) -> Path:
    drawn = draw_sample(world.deployment, POLICY, count=more.get("count", 20), seed=more.get("seed"), by="officer")
    write_sample(drawn, world.root / "sample.csv")
    return world.root / "sample.csv"


def _judged(path: Path, *words: str, encoding: str = "utf-8-sig") -> Path:
    """Write verdicts into a sample, as a spreadsheet would."""
    head, *rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    text = io.StringIO()
    csv.writer(text).writerows([head, *([*row[:-2], word, ""] for row, word in zip(rows, words, strict=True))])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.fixture
def waiting(world: World) -> World:
    """Return the world after its shadow night, with the first payout on hold."""
    world.rule(on="2025-01-03", shadow_nights=1)
    world.night("2025-01-13")
    world.night("2025-01-14")
    assert world.states("a") == {"2025-01": [ItemState.ON_HOLD]}
    return world


def test_the_first_payout_is_released_when_every_case_is_right(waiting: World) -> None:
    """The night after the last verdict opens what waited, and its pay day collects it."""
    path = _judged(_sample(waiting), "对", "对")

    judged = record_verdicts(waiting.deployment, path, by="second officer")
    report = waiting.night("2025-01-15", pays=True)

    assert judged == Judged(2, 2, 0)
    assert judged.is_right
    assert [batch.item_count for batch in report.batches] == [1]
    assert waiting.states("a") == {"2025-01": [ItemState.PAID]}


@pytest.mark.parametrize("words", [("对", "错"), ("对", "")])
def test_one_case_that_is_not_right_keeps_it_on_hold(waiting: World, words: tuple[str, str]) -> None:
    """Wrong, or not judged yet: nothing goes out."""
    path = _judged(_sample(waiting), *words)

    judged = record_verdicts(waiting.deployment, path, by="second officer")
    report = waiting.night("2025-01-15")

    assert not judged.is_right
    assert report.batches == ()
    assert waiting.states("a") == {"2025-01": [ItemState.ON_HOLD]}


def test_a_sample_says_what_was_decided_and_nothing_personal(waiting: World) -> None:
    """Opaque id, outcome, amount, and each criterion with the facts that it read; the same seed gives the same bytes."""
    text = _sample(waiting).read_bytes()

    head, met, other = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert head == ["样本", "序号", "对象", "结论", "金额（元）", "条件1", "是否正确（对/错）", "说明"]
    assert met[1:] == ["1", waiting.subject("a"), "符合", "150.00", "符合：有证 是（残疾人证 2025-01-02）", "", ""]
    assert other[1:4] == ["2", waiting.subject("b"), "不符合"]
    assert waiting.number("a") not in text.decode("utf-8-sig")
    assert _sample(waiting).read_bytes() == text


def test_the_author_does_not_judge(waiting: World) -> None:
    """A sample is for somebody else to look at."""
    path = _judged(_sample(waiting), "对", "对")

    with pytest.raises(RefusedError) as caught:
        record_verdicts(waiting.deployment, path, by="officer")

    assert caught.value.findings[0].code is StoreCode.OWN_APPROVAL


def test_verdicts_are_never_edited(waiting: World) -> None:
    """The same again changes nothing, another word is refused; a new sample may be drawn with another seed."""
    path = _judged(_sample(waiting), "错", "对")
    record_verdicts(waiting.deployment, path, by="second officer")
    assert record_verdicts(waiting.deployment, path, by="second officer") == Judged(2, 1, 1)
    with pytest.raises(RefusedError) as caught:
        record_verdicts(waiting.deployment, _judged(path, "对", "对"), by="second officer")
    assert caught.value.findings[0].code is StoreCode.WRONG_STATE

    again = _judged(_sample(waiting, seed=5), "对", "对", encoding="gb18030")
    assert record_verdicts(waiting.deployment, again, by="second officer").is_right


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: text.replace(",对,", ",好,"), id="no-verdict"),
        pytest.param(lambda text: text.replace("样本", "批次"), id="other-head"),
        pytest.param(lambda text: "\n".join(line.rpartition(",")[0] for line in text.split("\n")), id="cut"),
        pytest.param(lambda text: text.replace(",1,", ",2,"), id="a-case-twice"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda text: text.replace("\ns_", "\ns_z"), id="another-sample"),
    ],
)
def test_a_file_that_is_no_sample(waiting: World, spoil: Callable[[str], str]) -> None:
    """Nothing is kept of a file that was spoilt."""
    path = _judged(_sample(waiting), "对", "对")
    path.write_text(spoil(path.read_text("utf-8-sig").replace("\r\n", "\n")), "utf-8")

    with pytest.raises(RunError) as caught:
        record_verdicts(waiting.deployment, path, by="second officer")

    assert {each.code for each in caught.value.findings} == {LifecycleCode.SAMPLE_FILE}


def test_nothing_stood_in_shadow(world: World) -> None:
    """A version that went into force at once has no sample."""
    world.rule(on="2025-01-03")
    world.night("2025-01-14")

    with pytest.raises(RefusedError) as caught:
        _sample(world)

    assert caught.value.findings[0].code is LifecycleCode.NO_SHADOW


@pytest.mark.parametrize("count", [1, 3, 4])
def test_half_are_met_where_there_are(world: World, count: int) -> None:
    """Where one side is short, the other makes it up."""
    world.people("abcdef", on="2025-01-02")
    world.deliver("cards", [{"who": who, **CARD} for who in "abc"], on="2025-01-03")
    world.rule(on="2025-01-03", shadow_nights=2)
    world.night("2025-01-13")

    drawn = draw_sample(world.deployment, POLICY, count=count, seed=1, by="officer")

    met = [case.examination.outcome == "met" for case in drawn.cases]
    assert (len(met), sum(met)) == (count, (count + 1) // 2)


def test_a_shadow_night_can_be_computed_again(waiting: World) -> None:
    """Both what left and what was told beside it come out the same, and so does the night on which payouts waited."""
    for date in ("2025-01-13", "2025-01-14"):
        again = replay_run(waiting.deployment, date, lambda _: None)
        assert (again.verdict, again.findings) == (ReplayVerdict.EQUAL, ())

    names = {output.name for output in replay_run(waiting.deployment, "2025-01-13", lambda _: None).outputs}
    assert {"shadow_outcomes", "shadow_dues"} <= names
