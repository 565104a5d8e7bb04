"""A past night computed again: equal whatever happened since, and honest where it cannot be."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import EXIT_REFUSED, RunError
from core.findings import Finding
from core.ids import text_digest
from core.ledger import ActKind
from core.product import engine_version
from engine.codes import RunCode
from engine.compute import compute
from engine.deployment import Deployment, deployed
from engine.folder import Manifest
from engine.night import Night
from engine.replaying.past_night import PastInputs, published_run, read_night
from engine.replaying.replay import EXIT_OF, Replay, Verdict, compared, replay_run
from engine.replaying.replayed import OutputState
from rules.bound import RuleVersion
from rules.reading import parse_version
from store.runs import run_of
from store.tables import ItemRow, Load, Run, table_of
from tests.engine.test_run import content
from tests.replayed import replays
from tests.world import World, day

NIGHT = "2025-01-31"
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return three residents, two of them with a card, a rule that pays for cards, and its first night."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    made.night(NIGHT)
    yield made
    made.store.close()


def again(deployment: Deployment, name: str = NIGHT) -> Replay:
    """Replay a night."""
    return replay_run(deployment, name, lambda _: None)


def codes(findings: tuple[Finding, ...]) -> list[RunCode]:
    """Return the codes of findings."""
    return [RunCode(each.code) for each in findings]


def test_everything_that_happened_since_does_not_matter(world: World) -> None:
    """Payment, a corrected list, a raise, a waiver, later nights: each night still comes to what it published."""
    world.night("2025-02-16", pays=True)
    world.deliver("cards", [{"who": who, **CARD} for who in "bc"], on="2025-03-01", speaks_for="2025-01-10")
    world.rule(version=2, amounts=180, stands_from="2025-02-01", on="2025-03-02")
    world.night("2025-03-16", pays=True)
    world.act("b", ActKind.WAIVE, on="2025-03-20")
    world.night("2025-04-16", pays=True)
    before = content(world)

    assert [each.verdict for each in replays(world.deployment)] == [Verdict.EQUAL] * 4
    assert all(each.state is OutputState.SAME for replay in replays(world.deployment) for each in replay.outputs)
    assert content(world) == before


def test_a_night_goes_by_its_date_and_by_its_id(world: World) -> None:
    """Both names lead to the same night."""
    by_date = again(world.deployment)

    assert again(world.deployment, by_date.run_id) == by_date


def test_a_catalogue_edited_afterwards_does_not_matter(world: World) -> None:
    """The vocabulary of the night is kept with it; what the files say by now is for the nights to come."""
    path = next(
        each for each in world.deployment.workspace.catalogue.rglob("*.yaml") if "残疾人证" in each.read_text("utf-8")
    )
    path.write_text(path.read_text("utf-8").replace("残疾人证", "残疾证件"), "utf-8")
    with deployed(world.root, world.clock) as deployment:
        assert deployment.catalogue.fingerprint != world.deployment.catalogue.fingerprint

        assert again(deployment).verdict is Verdict.EQUAL


def test_each_catalogue_is_kept_once(world: World) -> None:
    """Nights that used the same vocabulary share its text."""
    world.night("2025-02-16")

    with world.store.reading() as rx:
        assert rx.connection.scalar(sa.text("select count(*) from catalogue_text")) == 1


def otherwise(world: World, version: RuleVersion) -> Replay:
    """Replay the night with an engine that understands version 1 of the rule as if it said another."""
    with world.store.reading() as rx:
        run = published_run(rx, NIGHT)
        past = PastInputs.read(rx, world.deployment, run)
    with world.store.reading(mark=run.mark) as rx:
        night = _understood(read_night(rx, past), version)
        computed = compute(rx, night, lambda _: None)
    return compared(world.deployment, run, computed, [])


def _understood(night: Night, version: RuleVersion) -> Night:
    (policy,) = night.policies
    return replace(night, policies=(replace(policy, versions={1: version}, current=version),))


def test_an_engine_that_decides_otherwise_is_listed(world: World) -> None:
    """Policy, opaque subject, before and after: outcome, due, item; who has no card comes in, nobody else moves."""
    text = world.published_text().replace("'有证'", "'有证 or not 有证'")
    replay = otherwise(world, parse_version(text, world.deployment.catalogue, "care"))

    gaining = world.subject("c")
    by_output = {output: [e for e in replay.differences if e.output == output] for output in ("outcomes", "items")}
    assert replay.verdict is Verdict.DIFFERS
    assert {(each.policy, each.subject_id) for each in replay.differences} == {("care", gaining)}
    assert ("outcome", None, "met") in by_output["outcomes"][0].changes or (
        "outcome",
        "not_met",
        "met",
    ) in by_output["outcomes"][0].changes
    assert ("amount_fen", None, 15000) in by_output["items"][0].changes
    assert gaining in replay.as_json()


def test_other_money_alone_is_listed(world: World) -> None:
    """The outcome is the same and the amount is not: as yuan before and after, on the item too."""
    text = world.published_text().replace("amount: 150", "amount: 151")
    replay = otherwise(world, parse_version(text, world.deployment.catalogue, "care"))

    changes = {(each.output, change) for each in replay.differences for change in each.changes}
    assert ("outcomes", ("amount_fen", 15000, 15100)) in changes
    assert ("items", ("amount_fen", 15000, 15100)) in changes
    assert {each.name: each.differing_count for each in replay.outputs}["outcomes"] == 2


def test_money_written_outside_of_the_night_is_seen(world: World) -> None:
    """Whoever changes an item's amount by hand is found out: the night would not have opened it."""
    with world.store.writing() as tx:
        tx.connection.execute(sa.update(table_of(ItemRow)).values(amount_fen=99900))

    replay = again(world.deployment)

    assert replay.verdict is Verdict.DIFFERS
    assert [each.name for each in replay.outputs if each.state is OutputState.DIFFERS] == ["items"]


def test_another_engine_is_said_and_still_compared(world: World) -> None:
    """Its name stands beside ours; what it decided comes out again all the same."""
    _manifest(world, engine="0.0.9 0123456789abcdef")

    replay = again(world.deployment)

    assert (replay.engine_then, replay.engine_now) == ("0.0.9 0123456789abcdef", engine_version())
    assert codes(replay.findings) == [RunCode.ENGINE_CHANGED]
    assert replay.verdict is Verdict.EQUAL


def _manifest(world: World, **inputs: str) -> None:
    """Let the manifest of the first night say something else about its inputs, and agree with itself."""
    with world.store.writing() as tx:
        record = run_of(tx, "night", day(NIGHT))
        assert record is not None
        assert record.manifest is not None
        said = {**record.manifest["inputs"], **inputs}
        manifest = {**record.manifest, "inputs": said, "digest": Manifest(said, record.manifest["outputs"]).digest}
        tx.connection.execute(sa.update(table_of(Run)).values(manifest=manifest))


def test_loads_that_their_retention_ended_are_named(world: World) -> None:
    """The file of one is gone, the row of another: the replay is refused, and says which."""
    world.night("2025-02-16")
    for path in (world.root / "snapshots" / "cards").rglob("*.parquet"):
        path.unlink()
    with world.store.writing() as tx:
        tx.connection.execute(sa.delete(table_of(Load)).where(table_of(Load).c.resource == "register"))

    replay = again(world.deployment)

    assert codes(replay.findings) == [RunCode.INPUT_GONE] * 2
    assert [each.place.path for each in replay.findings] == ["cards", "register"]
    assert (replay.verdict, EXIT_OF[replay.verdict]) == (Verdict.REFUSED, EXIT_REFUSED)


def test_a_rule_written_over_in_the_database_is_found(world: World) -> None:
    """What was published is never edited; where somebody did, the replay is refused and names the rule."""
    with world.store.writing() as tx:
        tx.connection.execute(sa.text("update rule_text set text = replace(text, 'amount: 150', 'amount: 950')"))

    replay = again(world.deployment)

    assert codes(replay.findings) == [RunCode.INPUT_CHANGED]
    assert "rule version care 1" in replay.findings[0].message
    assert replay.outputs == ()


def test_a_ledger_written_over_is_found(world: World) -> None:
    """The later night read the ledger of the first; a grant that is moved by hand changes its digest."""
    world.night("2025-02-16")
    with world.store.writing() as tx:
        tx.connection.execute(sa.text("update grant_ set discovered_on = '2024-12-01'"))

    replay = again(world.deployment, "2025-02-16")

    assert codes(replay.findings) == [RunCode.INPUT_CHANGED]
    assert "ledger" in replay.findings[0].message


def test_a_manifest_that_does_not_agree_with_itself_is_refused(world: World) -> None:
    """Its digest was published with it."""
    with world.store.writing() as tx:
        record = run_of(tx, "night", day(NIGHT))
        assert record is not None
        changed = {**(record.manifest or {}), "outputs": {"outcomes.parquet": text_digest("forged")}}
        tx.connection.execute(sa.update(table_of(Run)).values(manifest=changed))

    replay = again(world.deployment)

    assert (replay.verdict, codes(replay.findings)) == (Verdict.REFUSED, [RunCode.INPUT_CHANGED])


def test_a_frame_that_is_gone_leaves_its_digest(world: World) -> None:
    """Computed again it has the published digest, so nothing is missing to say that the night was the same."""
    (world.root / "runs" / NIGHT / "dues.parquet").unlink()

    assert again(world.deployment).verdict is Verdict.EQUAL


def test_a_night_before_anything_was_kept_is_refused(world: World) -> None:
    """A night of an older version did not note its moment of the ledger, and its catalogue is not there."""
    with world.store.writing() as tx:
        record = run_of(tx, "night", day(NIGHT))
        assert record is not None
        manifest = {key: value for key, value in (record.manifest or {}).items() if key != "ledger_mark"}
        tx.connection.execute(sa.update(table_of(Run)).values(manifest=manifest))
        tx.connection.execute(sa.text("delete from catalogue_text"))

    replay = again(world.deployment)

    assert codes(replay.findings) == [RunCode.INPUT_GONE] * 2
    assert {"catalogue", "ledger"} <= set(" ".join(each.message for each in replay.findings).split())


@pytest.mark.parametrize("name", ["2025-01-30", "r_nobody", "yesterday"])
def test_a_night_that_was_never_published(world: World, name: str) -> None:
    """There is nothing to compare with; the newest that there is is named."""
    with pytest.raises(RunError) as caught:
        again(world.deployment, name)

    assert caught.value.findings[0].code is RunCode.UNKNOWN_RUN


def test_the_json_form_stands_alone(world: World) -> None:
    """Verdict, engines, outputs and differences under stable keys."""
    tree = json.loads(again(world.deployment).as_json())

    assert (tree["format_version"], tree["verdict"], tree["differences"]) == (1, "equal", [])
    assert [each["name"] for each in tree["outputs"]] == ["outcomes", "dues", "units", "items", "postings"]
