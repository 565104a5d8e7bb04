"""What is given up: asked by one, granted by others, as many as the amount wants."""

from dataclasses import replace

import pytest

from core.errors import RefusedError
from core.workspace import open_workspace
from engine.overpayments.codes import CaseCode
from engine.overpayments.giving_up import ask_relief, grant_relief, refuse_relief
from engine.overpayments.signing import Signed
from store.codes import StoreCode
from store.positions import read_obligations
from store.states.cases import CaseState, ReliefKind, ReliefState
from tests.engine.overpayments.stage import again, card, case, received
from tests.world import World

WHY = Signed("clerk", "低保户", "某办法第九条")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ReliefKind.WAIVER, CaseState.WRITTEN_OFF),
        (ReliefKind.WRITE_OFF, CaseState.WRITTEN_OFF),
        (ReliefKind.KEEP, CaseState.KEPT),
    ],
)
def test_all_of_it(world: World, kind: ReliefKind, state: CaseState) -> None:
    """Nobody grants what they asked for; another person's word posts it."""
    january = case(world)
    ask_relief(world.deployment, january.case_id, kind, WHY)
    with pytest.raises(RefusedError) as refusal:
        grant_relief(world.deployment, january.case_id, by="clerk")

    relief, after = grant_relief(world.deployment, january.case_id, by="head")
    world.night("2025-04-05")

    assert refusal.value.findings[0].code is StoreCode.OWN_APPROVAL
    assert (relief.state, after.state, after.amount_fen) == (ReliefState.GRANTED, state, 0)
    with world.store.reading() as rx:
        (own,) = read_obligations(rx, [january.obligation_id])
    assert (own.written_off_fen + own.kept_fen, own.case_open_fen) == (150_00, 0)


def test_a_part_and_the_rest_paid_back(world: World) -> None:
    """Recovered, written off and outstanding together are what was overpaid (M10)."""
    january = case(world)
    ask_relief(world.deployment, january.case_id, ReliefKind.WAIVER, WHY, amount_fen=60_00)
    _, part = grant_relief(world.deployment, january.case_id, by="head")
    received(world, january, yuan=90)

    after = again(world, january)
    assert (part.state, part.amount_fen, part.claimed_fen) == (CaseState.OPENED, 90_00, 150_00)
    assert (after.state, after.claimed_fen) == (CaseState.PARTLY_RECOVERED, 150_00)


def test_a_large_amount_wants_two(world: World) -> None:
    """From the setting on, two others; the same person counts once."""
    with (world.root / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write("\n[cases]\ntwo_approvers_from = 150\n")
    world.deployment = replace(world.deployment, workspace=open_workspace(world.root))
    january = case(world)
    ask_relief(world.deployment, january.case_id, ReliefKind.WRITE_OFF, WHY)

    first, _ = grant_relief(world.deployment, january.case_id, by="head")
    with pytest.raises(RefusedError):
        grant_relief(world.deployment, january.case_id, by="head")
    second, after = grant_relief(world.deployment, january.case_id, by="director")

    assert (first.state, first.approvals_lacking) == (ReliefState.ASKED, 1)
    assert (second.state, after.state) == (ReliefState.GRANTED, CaseState.WRITTEN_OFF)


def test_refused(world: World) -> None:
    """The claim stays, with the reason; something else may then be asked."""
    january = case(world)
    ask_relief(world.deployment, january.case_id, ReliefKind.WAIVER, WHY)
    with pytest.raises(RefusedError) as twice:
        ask_relief(world.deployment, january.case_id, ReliefKind.KEEP, WHY)

    relief, after = refuse_relief(world.deployment, january.case_id, by="head", reason="材料不足")
    anew = ask_relief(world.deployment, january.case_id, ReliefKind.KEEP, WHY)

    assert twice.value.findings[0].code is StoreCode.WRONG_STATE
    assert (relief.state, after.amount_fen, anew.number) == (ReliefState.REFUSED, 150_00, 2)


@pytest.mark.parametrize("amount_fen", [0, 150_01])
def test_more_than_is_outstanding(world: World, amount_fen: int) -> None:
    """Nothing, and a fen too many."""
    with pytest.raises(RefusedError) as refusal:
        ask_relief(world.deployment, case(world).case_id, ReliefKind.WAIVER, WHY, amount_fen=amount_fen)

    assert refusal.value.findings[0].code is CaseCode.TOO_MUCH


def test_a_night_in_between_found_less(world: World) -> None:
    """What is granted is at most what is then outstanding; of a case that is gone there is nothing to grant."""
    january = case(world)
    ask_relief(world.deployment, january.case_id, ReliefKind.WAIVER, WHY)
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-04")
    world.night("2025-04-04")

    with pytest.raises(RefusedError) as refusal:
        grant_relief(world.deployment, january.case_id, by="head")

    assert refusal.value.findings[0].code is StoreCode.WRONG_STATE
    assert again(world, january).state is CaseState.WITHDRAWN


def test_a_write_off_lapses_with_a_later_due(world: World) -> None:
    """The fact is corrected back: nothing is paid again, and the case stays as it was closed (semantics §9)."""
    january = case(world)
    ask_relief(world.deployment, january.case_id, ReliefKind.WRITE_OFF, WHY)
    grant_relief(world.deployment, january.case_id, by="head")
    world.deliver("cards", [card("a")], on="2025-04-04")

    world.night("2025-04-30", pays=True)

    assert world.items("a")["2025-01"] == [150]
    assert again(world, january).state is CaseState.WRITTEN_OFF
    with world.store.reading() as rx:
        assert read_obligations(rx, [january.obligation_id])[0].written_off_fen == 0
