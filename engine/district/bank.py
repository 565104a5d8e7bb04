"""A made-up bank: it takes payment files, pays, and answers in the forms of a profile; on bad days it does so badly.

What it really did stands in its books, so that a demonstration or a test can compare them with what the system believes.
It is a function of its seed and of what it is given: the same calls bring the same bytes.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import polars as pl

from core.days import add_days
from core.errors import DeliveryError
from delivery.banking.payment_files import read_payment_file
from delivery.banking.profile import PaymentProfile, ReturnLayout
from engine.district.bank_answers import (
    REFUSED_FORM,
    REFUSED_MONEY,
    REFUSED_TWICE,
    Answer,
    acknowledgement,
    code_of,
    return_file,
    statement,
)
from engine.district.camt053 import Booking
from engine.district.draws import INDEX, Draws, rows

LATE_DAYS = 5  # after which a payment comes back that had arrived

_OPENING_FEN = 10**13  # what is on the payer's account; the statements go on from it
_KEPT_PER_CENT = 60  # of a file that breaks off


class Whim(StrEnum):
    """What goes wrong with one file on a bad day."""

    LOSES_FILE = "loses_file"  # never arrived, and nobody is told
    LOSES_ANSWER = "loses_answer"  # paid, and nobody is told
    ANSWERS_TWICE = "answers_twice"
    RETURNS_LATE = "returns_late"  # paid, said so, and one payment back some days later
    REORDERS = "reorders"
    TRUNCATES = "truncates"
    CHANGES_AMOUNT = "changes_amount"
    CHANGES_ACCOUNT = "changes_account"
    CHANGES_NAME = "changes_name"
    REJECTS_FILE = "rejects_file"


_CHANGES: Mapping[Whim, tuple[str, pl.Expr]] = {
    Whim.CHANGES_AMOUNT: ("amount", pl.col("amount") + 100),
    Whim.CHANGES_ACCOUNT: ("account", pl.col("account").str.reverse()),
    Whim.CHANGES_NAME: ("name", pl.col("name") + "某"),
}
"""What becomes of one cell of one line of the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """A payment file that was carried out, and what became of each line."""

    batch_id: str
    name: str
    lines: pl.DataFrame = field(repr=False)


@dataclass(slots=True)
class Bank:
    """One bank; of a thousand payments it cannot carry out so many, for reasons of the payee's account."""

    profile: PaymentProfile
    seed: int = 1
    failing_per_mille: int = 0
    books: list[Booking] = field(default_factory=list)
    _due: list[Answer] = field(default_factory=list)
    _taken: dict[str, _Taken] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def receive(self, name: str, data: bytes, *, on: dt.date, whims: Collection[Whim] = ()) -> None:
        """Take a payment file and carry it out; what the bank has to say of it comes by `answers`.

        A file that was taken before is refused, whatever it is called: a bank pays one file once.
        """
        if Whim.LOSES_FILE in whims:
            return
        try:
            table = read_payment_file(data, self.profile, name)
        except DeliveryError:
            self._say(acknowledgement(self.profile, name, on, REFUSED_FORM, {}))
            return
        counted: dict[str, object] = {
            **{word: table.frame[word] for word in ("hash_total", "batch_id") if word in table.frame},
            "count": table.lines.height,
            "total": int(table.lines["amount_fen"].sum()),
        }
        digest = hashlib.sha256(data).hexdigest()
        refused = REFUSED_TWICE if digest in self._seen else REFUSED_MONEY if Whim.REJECTS_FILE in whims else None
        if refused is None:
            self._seen.add(digest)
            self._carry_out(_Taken(str(table.frame.get("batch_id", "")), name, self._decided(table.lines, name, on)))
        if Whim.LOSES_ANSWER in whims:
            return
        self._say(acknowledgement(self.profile, name, on, refused, counted))
        if refused is None:
            self._answer(self._taken[name], add_days(on, 1), whims)
        if refused is None and Whim.RETURNS_LATE in whims:
            self._return(self._taken[name], add_days(on, LATE_DAYS))

    def inquire(self, name: str, *, on: dt.date) -> Answer | None:
        """Return what became of a file, asked for once more; None where the bank never had it."""
        taken = self._taken.get(name)
        return None if taken is None else self._returns(taken, on, "inquiry")

    def answers(self, on: dt.date) -> list[Answer]:
        """Return what the bank sends by a day, once."""
        came = [each for each in self._due if each.on <= on]
        self._due = [each for each in self._due if each.on > on]
        return sorted(came, key=lambda each: (each.on, each.kind, each.name))

    def statement(self, on: dt.date) -> Answer:
        """Return the statement of the payer's account for a day; it shows what really happened."""
        assert self.profile.statement is not None, "a bank without statements reconciles nothing"
        entries = [each for each in self.books if each.booked_on == on]
        before = [each for each in self.books if each.booked_on < on]
        return statement(self.profile.statement, entries, on, _OPENING_FEN - sum(map(_net, before)))

    def paid_fen(self) -> Mapping[str, int]:
        """Return what each reference really got, less what came back."""
        net: dict[str, int] = {}
        for each in self.books:
            net[each.reference] = net.get(each.reference, 0) + _net(each)
        return net

    @property
    def _layout(self) -> ReturnLayout:
        assert self.profile.returns is not None, "a bank without return files"
        return self.profile.returns

    def _say(self, answer: Answer | None) -> None:
        if answer is not None:
            self._due.append(answer)

    def _drawn(self, bound: int, name: str) -> int:
        return int(rows(1).select(Draws(self.seed).below(bound, name)).item())

    def _decided(self, lines: pl.DataFrame, name: str, on: dt.date) -> pl.DataFrame:
        """Return what becomes of each line: `result`, `reason`, `booked_on`."""
        results, draws = self._layout.results, Draws(self.seed)
        failures = tuple(code for code, result in results.items() if result.outcome == "failed")
        fails = draws.chance(self.failing_per_mille, f"{name} fails")
        result = (
            pl.when(fails).then(draws.one_of(failures, f"{name} why")).otherwise(pl.lit(code_of(self._layout, "paid")))
        )
        return (
            lines.select("reference", "account", "name", amount="amount_fen")
            .with_row_index("number", offset=1)
            .with_columns(pl.col("number").cast(pl.UInt64).alias(INDEX), booked_on=pl.lit(on))
            .with_columns(result=result)
            .with_columns(reason=pl.col("result").replace_strict({code: each.reason for code, each in results.items()}))
        )

    def _carry_out(self, taken: _Taken) -> None:
        self._taken[taken.name] = taken
        paid = taken.lines.filter(pl.col("result") == code_of(self._layout, "paid"))
        self.books += [
            Booking(*row) for row in paid.select("reference", "account", "name", "amount", "booked_on").iter_rows()
        ]

    def _answer(self, taken: _Taken, on: dt.date, whims: Collection[Whim]) -> None:
        """Send the return file; as the day is: changed, out of order, cut, or twice."""
        lines = taken.lines
        if Whim.REORDERS in whims:
            lines = lines.sort(Draws(self.seed).below(1 << 30, f"{taken.name} order"))
        for whim, (word, change) in _CHANGES.items():
            if whim in whims:
                at = pl.int_range(pl.len()) == self._drawn(lines.height, f"{taken.name} {whim}")
                lines = lines.with_columns(pl.when(at).then(change).otherwise(word).alias(word))
        answer = self._returns(replace(taken, lines=lines), on, "returns")
        if Whim.TRUNCATES in whims:
            answer = replace(answer, data=answer.data[: len(answer.data) * _KEPT_PER_CENT // 100])
        self._due.append(answer)
        if Whim.ANSWERS_TWICE in whims:
            self._due.append(replace(answer, name=f"again-{answer.name}", on=add_days(on, 1)))

    def _return(self, taken: _Taken, on: dt.date) -> None:
        """Send one payment back that had arrived, and say so in a return file of its own."""
        code, paid = (
            code_of(self._layout, "returned"),
            taken.lines.filter(pl.col("result") == code_of(self._layout, "paid")),
        )
        if paid.is_empty():
            return
        back = paid.slice(self._drawn(paid.height, f"{taken.name} late"), 1).with_columns(
            number=pl.lit(1),
            result=pl.lit(code),
            reason=pl.lit(self._layout.results[code].reason),
            booked_on=pl.lit(on),
        )
        assert self.profile.statement is not None
        (booked,) = (
            Booking(*row) for row in back.select("reference", "account", "name", "amount", "booked_on").iter_rows()
        )
        self.books.append(replace(booked, code=code_of(self.profile.statement, "returned")))
        self._due.append(self._returns(replace(taken, lines=back), on, "late"))

    def _returns(self, taken: _Taken, on: dt.date, what: str) -> Answer:
        return return_file(self._layout, taken.lines, batch_id=taken.batch_id, file_name=taken.name, on=on, what=what)


def _net(booking: Booking) -> int:
    return -booking.amount_fen if booking.code else booking.amount_fen
