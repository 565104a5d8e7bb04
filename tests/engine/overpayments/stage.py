"""A stage for overpayment cases: somebody was paid 150 a month until their card turns out to have ended long ago."""

import datetime as dt
from collections.abc import Sequence

from core.clock import civil_instant
from core.ledger import ItemState
from engine.overpayments.deciding import Decision, decide, notify
from engine.overpayments.recovering import Recovered, recover
from engine.overpayments.signing import Signed
from store.batches import read_batches, read_lines
from store.case_receipts import Receipt
from store.case_steps import CaseRecord, case_of
from store.cases import case_records
from store.positions import read_obligations
from store.states.cases import CaseState
from tests.store.paying import answer
from tests.world import World, day

TERMS = "{period: month, counts: last_day, pay: {calendar: daily}}"
MONTHS = ("2025-01-31", "2025-02-28", "2025-03-31")


def card(letter: str, through: str | None = None) -> dict[str, str | None]:
    """Return a card from 2020 on, perhaps with its last day."""
    return {"who": letter, "等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": through}


def overpaid(world: World, *, months: Sequence[str] = MONTHS) -> World:
    """Pay a for some months, and learn on 2 April that the card ended in January: each of them is a case."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-02")
    world.rule(terms=TERMS)
    for date in months:
        world.night(date, pays=True)
    world.deliver("cards", [card("a", "2025-01-15")], on="2025-04-02")
    world.night("2025-04-02")
    return world


def case(world: World, period: str = "2025-01") -> CaseRecord:
    """Return the latest case of a period."""
    with world.store.reading() as rx:
        every = [each for each in case_records(rx, states=frozenset(CaseState)) if each.period == period]
    return max(every, key=lambda each: each.number)


def again(world: World, before: CaseRecord) -> CaseRecord:
    """Return a case as it stands now."""
    with world.store.reading() as rx:
        return case_of(rx, before.case_id)


def on(world: World, date: str) -> None:
    """Let a day come, at three in the afternoon."""
    world.clock.instant = max(world.clock.instant + dt.timedelta(minutes=1), civil_instant(day(date), 15))


def confirmed(world: World, period: str = "2025-01") -> CaseRecord:
    """Tell a on 3 April, let the days to object pass, and confirm the claim."""
    found = case(world, period)
    on(world, "2025-04-03")
    notify(world.deployment, found.case_id, by="clerk")
    on(world, "2025-05-12")
    return decide(world.deployment, found.case_id, Decision.CONFIRM, Signed("head", "无异议", "某办法第三条"))


def received(world: World, *cases: CaseRecord, yuan: int, reference: str = "R1", date: str = "2025-04-03") -> Recovered:
    """Take in money for cases, on 3 April at the earliest."""
    on(world, "2025-04-03")
    receipt = Receipt(reference, day(date), yuan * 100)
    return recover(world.deployment, receipt, [each.case_id for each in cases], by="cashier")


def bank_returns(world: World, before: CaseRecord) -> None:
    """Have the bank send back what was paid on a case's obligation, late."""
    with world.store.writing() as tx:
        (own,) = read_obligations(tx, [before.obligation_id])
        paid = {item.item_id for item in own.items if item.state is ItemState.PAID}
        for batch in read_batches(tx):
            lines = read_lines(tx, batch.batch_id)["item_id"]
            back = lines.filter(lines.is_in(sorted(paid)))
            if not back.is_empty():
                answer(tx, batch.batch_id, returned=back.to_list())
