"""What holds of money in every committed state, read from the tables themselves: the invariants of payments, by number.

Nothing here goes through what writes the tables, nor trusts the indexes and constraints that guard them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ids import item_id
from core.ledger import ItemState
from delivery.references import reference_of
from store.approvals import authors_of
from store.batches import content_hash
from store.journal import verify_books
from store.opening import Reading
from store.states.funds import NEVER_BELOW_ZERO, PotAccount
from store.states.paying import BATCH_TRANSITIONS, CAME_BACK, IN_DOUBT, LIVE_ATTEMPT, AttemptState, BatchState, Verdict
from store.tables import METADATA

Row = dict[str, Any]

BEFORE_EXPORT = frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL, BatchState.APPROVED, BatchState.STOPPED})
NOTHING_IN_DOUBT = frozenset(
    {BatchState.SETTLED, BatchState.RECONCILED, BatchState.CLOSED, BatchState.FILE_REJECTED, BatchState.RELEASED,
     BatchState.CANCELLED, BatchState.STOP_CONFIRMED}
)  # fmt: skip


@dataclass(frozen=True)
class StoredMoney:
    """Every row about money, as it is stored at one moment."""

    rx: Reading

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table."""
        chosen = sa.select(METADATA.tables[table])
        return [dict(row) for row in self.rx.connection.execute(chosen).mappings()]

    @cached_property
    def batches(self) -> dict[str, Row]:
        """Return the batches by id."""
        return {row["batch_id"]: row for row in self.rows("batch")}

    @cached_property
    def attempts(self) -> list[Row]:
        """Return every attempt there ever was, oldest first within its item."""
        return sorted(self.rows("batch_item"), key=lambda row: (row["item_id"], row["number"]))

    @cached_property
    def items(self) -> dict[str, Row]:
        """Return the items by id."""
        return {row["item_id"]: row for row in self.rows("item")}

    @cached_property
    def steps(self) -> dict[str, list[Row]]:
        """Return the steps of each batch, in order."""
        return _by(sorted(self.rows("batch_step"), key=lambda row: row["number"]), "batch_id")

    @cached_property
    def bank_lines(self) -> list[Row]:
        """Return every line that the bank ever sent."""
        return self.rows("bank_line")

    def lines_of(self, batch_id: str) -> list[Row]:
        """Return the attempts of a batch that did not leave it before it went out."""
        return [row for row in self.attempts if row["batch_id"] == batch_id and row["state"] is not AttemptState.VOIDED]


def _by(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return dict(found)


def _fen(rows: Iterable[Row], states: Iterable[AttemptState]) -> int:
    """Return what attempts in some states come to, of those whose money is in the books."""
    wanted = frozenset(states)
    return sum(row["amount_fen"] for row in rows if row["state"] in wanted and row["funded_by"] is not None)


def m1_the_books_balance(stored: StoredMoney) -> None:
    """Every pot balances, nothing held is below zero, and what is under way is what attempts say."""
    assert verify_books(stored.rx) == []
    pots = stored.rows("pot")
    for pot in pots:
        assert sum(pot[f"{account}_fen"] for account in PotAccount) == 0
        assert all(pot[f"{account}_fen"] >= 0 for account in NEVER_BELOW_ZERO)
    assert sum(pot["reserved_fen"] for pot in pots) == _fen(stored.attempts, {AttemptState.CREATED})
    assert sum(pot["in_transit_fen"] for pot in pots) == _fen(stored.attempts, IN_DOUBT)


def m4_obligations_and_items_are_there_once(stored: StoredMoney) -> None:
    """One obligation for a grant, period and component; items are numbered on it without a gap."""
    keys = Counter((row["grant_id"], row["period"], row["component"]) for row in stored.rows("obligation"))
    assert not [key for key, count in keys.items() if count > 1]
    for obligation, rows in _by(stored.items.values(), "obligation_id").items():
        numbers = sorted(row["sequence"] for row in rows)
        assert numbers == list(range(1, len(rows) + 1)), obligation
        assert {row["item_id"] for row in rows} == {item_id(obligation, number) for number in numbers}


_STANDS = {
    AttemptState.CREATED: {ItemState.IN_BATCH},
    AttemptState.INSTRUCTED: {ItemState.INSTRUCTED},
    AttemptState.UNKNOWN: {ItemState.INSTRUCTED},
    AttemptState.CONFIRMED_PAID: {ItemState.PAID},
}
_WITHOUT_ATTEMPT = {ItemState.OPEN, ItemState.ON_HOLD, ItemState.SET_OFF, ItemState.CANCELLED}


def m5_one_live_attempt(stored: StoredMoney) -> None:
    """An item has at most one live attempt, its newest, and stands where that one says: nothing is lost in between."""
    attempts = _by(stored.attempts, "item_id")
    for key, item in stored.items.items():
        own = attempts.get(key, [])
        live = [row for row in own if row["state"] in LIVE_ATTEMPT]
        assert len(live) <= 1, f"{key} is paid by {len(live)} attempts"
        assert [row["number"] for row in own] == list(range(1, len(own) + 1))
        came_back = [row for row in own if row["state"] in CAME_BACK]
        expected = _STANDS[live[0]["state"]] if live else _WITHOUT_ATTEMPT
        if not live and came_back:
            expected = expected | {ItemState.RETURNED}
        assert item["state"] in expected, f"{key} is {item['state']} beside {[row['state'] for row in own]}"
        assert not live or live[0] is [row for row in own if row["state"] is not AttemptState.VOIDED][-1]


def m6_totals_agree(stored: StoredMoney) -> None:
    """Count, fen and hash of a batch are those of its lines, of its files and of what was approved."""
    files = _by(stored.rows("payment_file"), "batch_id")
    for key, batch in stored.batches.items():
        lines = stored.lines_of(key)
        if batch["state"] in {BatchState.REJECTED, BatchState.CANCELLED} or not lines:
            assert not lines
            continue
        assert (batch["item_count"], batch["total_fen"]) == (len(lines), sum(row["amount_fen"] for row in lines))
        frame = pl.DataFrame([{name: row[name] for name in ("item_id", "payee_digest", "amount_fen")} for row in lines])
        assert batch["content_hash"] == content_hash(frame)
        for row in lines:
            assert row["amount_fen"] == stored.items[row["item_id"]]["amount_fen"]
        carried = Counter(row["file_number"] for row in lines)
        written = {file["number"]: file["line_count"] for file in files.get(key, [])}
        assert carried == (written or {None: len(lines)})
        for file in files.get(key, []):
            own = sum(row["amount_fen"] for row in lines if row["file_number"] == file["number"])
            assert file["total_fen"] == own


def m8_amounts_are_whole_fen(stored: StoredMoney) -> None:
    """Nothing else than whole fen is stored, and nothing is paid that is not above zero."""
    for row in [*stored.attempts, *stored.items.values()]:
        assert type(row["amount_fen"]) is int
        assert row["amount_fen"] > 0


def m10_what_is_set_off_is_off_the_claim(stored: StoredMoney) -> None:
    """Each item that is set off was kept back for one case, to its own fen, which came off that case."""
    kept = {row["item_id"]: row["amount_fen"] for row in stored.rows("set_off")}
    items = {key: row["amount_fen"] for key, row in stored.items.items() if row["state"] is ItemState.SET_OFF}
    assert kept == items
    recovered = {row["case_id"]: row["recovered_fen"] for row in stored.rows("overpayment_case")}
    for case_id, rows in _by(stored.rows("set_off"), "case_id").items():
        assert sum(row["amount_fen"] for row in rows) <= recovered[case_id]


def f1_approved_on_the_hash_that_went_out(stored: StoredMoney) -> None:
    """Whatever was instructed stands in a batch that went out on approvals of its very content, none of them lapsed."""
    approvals = _by(stored.rows("batch_approval"), "batch_id")
    for key, batch in stored.batches.items():
        gone = [step for step in stored.steps.get(key, []) if step["target"] is BatchState.EXPORTED]
        instructed = [row for row in stored.lines_of(key) if row["state"] is not AttemptState.CREATED]
        assert len(gone) <= 1
        assert bool(gone) == bool(instructed)
        for step in gone:
            counted = [
                each
                for each in approvals[key]
                if each["revision"] == step["revision"] == batch["revision"]
                and each["approved_at"] <= step["taken_at"] < each["expires_at"]
            ]
            assert counted
            assert {each["content_hash"] for each in counted} == {batch["content_hash"]}


def f2_nothing_goes_out_after_a_stop(stored: StoredMoney) -> None:
    """Between a stop and an export another person has let the batch go on, and it was approved anew."""
    for steps in stored.steps.values():
        names = [step["target"] for step in steps]
        if BatchState.STOPPED not in names:
            continue
        rest = names[len(names) - 1 - names[::-1].index(BatchState.STOPPED) :]
        assert BatchState.EXPORTED not in rest or BatchState.FROZEN in rest[: rest.index(BatchState.EXPORTED)]
        stoppers = [step for step in steps if step["target"] is BatchState.STOPPED and step["taken_by"]]
        resumed = [
            step for step in steps if step["source"] is BatchState.STOPPED and step["target"] is BatchState.FROZEN
        ]
        for step in resumed:
            before = [each for each in stoppers if each["number"] < step["number"]]
            assert step["taken_by"] != before[-1]["taken_by"]


def f4_every_line_has_a_verdict(stored: StoredMoney) -> None:
    """Files of the bank's are whole: each line is there, with its verdict, and counted."""
    lines = _by(stored.bank_lines, "bank_file_id")
    for file in stored.rows("bank_file"):
        own = lines.get(file["bank_file_id"], [])
        assert sorted(row["line"] for row in own) == list(range(1, file["line_count"] + 1))
        assert Counter(row["verdict"].value for row in own) == file["counts"]


def f5_what_differs_pays_nothing(stored: StoredMoney) -> None:
    """An attempt is paid by a line with its own amount, or by the word of two people; by no exception."""
    words = {(row["batch_id"], row["reference"]) for row in stored.rows("inquiry") if row["confirmed_by"]}
    paid_by = {
        row["reference"]
        for row in stored.bank_lines
        if row["target"] == AttemptState.CONFIRMED_PAID and row["verdict"] is not Verdict.EXCEPTION
    }
    amounts = {row["reference"]: row["amount_fen"] for row in stored.attempts}
    for row in stored.attempts:
        if row["state"] is AttemptState.CONFIRMED_PAID:
            assert row["reference"] in paid_by or (row["batch_id"], row["reference"]) in words
    for row in stored.bank_lines:
        if row["target"] is not None:
            assert row["amount_fen"] == amounts[row["reference"]]


def f6_two_people_end_a_doubt(stored: StoredMoney) -> None:
    """What two people said was said by two."""
    for row in stored.rows("inquiry"):
        assert (row["confirmed_by"] is None) == (row["confirmed_at"] is None)
        assert row["confirmed_by"] != row["stated_by"]


def f8_references_are_never_used_again(stored: StoredMoney) -> None:
    """Each attempt has the reference of its item and number, and nobody else has."""
    references = [row["reference"] for row in stored.attempts]
    assert len(set(references)) == len(references)
    assert references == [reference_of(row["item_id"], row["number"]) for row in stored.attempts]


def f9_a_return_moves_once(stored: StoredMoney) -> None:
    """However often the bank says that money came back, one line moves it; and one after each time that two settled it."""
    moved = Counter(row["reference"] for row in stored.bank_lines if row["target"] == AttemptState.RETURNED)
    said = Counter(row["reference"] for row in stored.rows("inquiry") if row["confirmed_by"] and row["found"] == "paid")
    assert not [reference for reference, count in moved.items() if count > 1 + said[reference]]


def a1_maker_approvers_and_releaser_are_apart(stored: StoredMoney) -> None:
    """Nobody approves what they made or whose rule they wrote, nobody twice, and nobody lets go what they made or approved."""
    approvals = _by(stored.rows("batch_approval"), "batch_id")
    for key, batch in stored.batches.items():
        authors = authors_of(stored.rx, batch["policy"])
        for each in approvals.get(key, []):
            assert each["approved_by"] not in {batch["made_by"], *authors}
        for step in stored.steps.get(key, []):
            if step["target"] is not BatchState.EXPORTED:
                continue
            counted = [
                each["approved_by"]
                for each in approvals[key]
                if each["revision"] == step["revision"] and each["expires_at"] > step["taken_at"]
            ]
            assert len(set(counted)) == len(counted)
            assert step["taken_by"] not in {batch["made_by"], *counted}


def a4_steps_are_those_of_the_table(stored: StoredMoney) -> None:
    """Each step goes on from the last one, by the table of transitions, and a batch stands where its last one led."""
    for key, batch in stored.batches.items():
        stands = BatchState.FROZEN
        for number, step in enumerate(stored.steps.get(key, []), start=1):
            assert (step["number"], step["source"]) == (number, stands)
            assert step["target"] in BATCH_TRANSITIONS[stands]
            stands = step["target"]
        assert batch["state"] is stands


def batches_stand_where_their_lines_say(stored: StoredMoney) -> None:
    """A batch is settled exactly when the bank has answered for all its lines, and holds none in doubt then."""
    for key, batch in stored.batches.items():
        lines = stored.lines_of(key)
        doubt = [row for row in lines if row["state"] in IN_DOUBT]
        if batch["state"] in BEFORE_EXPORT:
            assert {row["state"] for row in lines} == {AttemptState.CREATED}
        elif batch["state"] in NOTHING_IN_DOUBT:
            assert not doubt, f"{key} is {batch['state']} with {len(doubt)} lines in doubt"
        elif batch["state"] is not BatchState.STOP_REQUESTED:
            assert doubt, f"{key} is {batch['state']} with nothing in doubt"
            assert (batch["state"] is BatchState.SETTLING) == (len(doubt) < len(lines))


INVARIANTS: tuple[Callable[[StoredMoney], None], ...] = (
    m1_the_books_balance,
    m4_obligations_and_items_are_there_once,
    m5_one_live_attempt,
    m6_totals_agree,
    m8_amounts_are_whole_fen,
    m10_what_is_set_off_is_off_the_claim,
    f1_approved_on_the_hash_that_went_out,
    f2_nothing_goes_out_after_a_stop,
    f4_every_line_has_a_verdict,
    f5_what_differs_pays_nothing,
    f6_two_people_end_a_doubt,
    f8_references_are_never_used_again,
    f9_a_return_moves_once,
    a1_maker_approvers_and_releaser_are_apart,
    a4_steps_are_those_of_the_table,
    batches_stand_where_their_lines_say,
)


def check_money(rx: Reading) -> None:
    """Check every invariant at one moment."""
    stored = StoredMoney(rx)
    for each in INVARIANTS:
        each(stored)
