import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import add_days
from delivery.banking.acknowledgements import read_acknowledgement
from delivery.banking.payment_files import PaymentFile, payment_files
from delivery.banking.statements import StatementKind, read_statement
from engine.district.bank import LATE_DAYS, Bank, Whim
from engine.district.bank_answers import Answer, AnswerKind
from tests.delivery.banking.bank_samples import DAY, SHIPPED, payment, table

LATER = add_days(DAY, 30)
BAR = SHIPPED["agent-bank-bar@1"]


def file_of(count: int = 9, profile: str = BAR.name) -> PaymentFile:
    """Return a payment file of so many lines."""
    return payment_files(table(*(payment(number) for number in range(1, count + 1))), SHIPPED[profile])[0]


def answered(bank: Bank, *whims: Whim, file: PaymentFile | None = None) -> list[Answer]:
    """Return everything that a bank says of a file within a month."""
    sent = file or file_of(profile=bank.profile.name)
    bank.receive(sent.name, sent.data, on=DAY, whims=whims)
    return bank.answers(LATER)


def outcomes(bank: Bank, answer: Answer) -> dict[str, str]:
    """Return what an answer says of each reference."""
    kind = StatementKind(answer.kind.value)
    lines = read_statement(answer.data, bank.profile, answer.name, kind=kind).lines
    return dict(lines.select("reference", "outcome").iter_rows())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_good_day_is_acknowledged_answered_and_booked(name: str) -> None:
    """Every profile that is shipped: what the bank says is read whole, and is what it did."""
    bank = Bank(SHIPPED[name], failing_per_mille=300)

    acknowledged, returned = answered(bank)

    assert read_acknowledgement(acknowledged.data, bank.profile, "ack")[0].is_accepted
    assert read_statement(returned.data, bank.profile, "returns").is_whole
    said = outcomes(bank, returned)
    assert {reference for reference, outcome in said.items() if outcome == "paid"} == set(bank.paid_fen())
    assert outcomes(bank, bank.statement(DAY)) == dict.fromkeys(bank.paid_fen(), "paid")
    assert read_statement(bank.statement(DAY).data, bank.profile, "s", kind=StatementKind.STATEMENT).is_whole


@given(whims=st.sets(st.sampled_from([*Whim])), seed=st.integers(0, 99))
def test_whatever_the_day_a_file_is_paid_at_most_once(whims: set[Whim], seed: int) -> None:
    """The books say what really happened; the statement shows it, however odd the answers are."""
    bank, file = Bank(BAR, seed=seed, failing_per_mille=200), file_of()

    for on in (DAY, add_days(DAY, 1)):
        bank.receive(file.name, file.data, on=on, whims=whims)

    owed = {payment(number)["reference"]: payment(number)["amount_fen"] for number in range(1, 10)}
    assert all(paid in {0, owed[reference]} for reference, paid in bank.paid_fen().items())
    for on in sorted({each.booked_on for each in bank.books}):
        statement = read_statement(bank.statement(on).data, BAR, "s", kind=StatementKind.STATEMENT)
        assert statement.is_whole
        assert statement.lines.height == sum(each.booked_on == on for each in bank.books)


def test_the_same_calls_bring_the_same_bytes() -> None:
    """A demonstration can be shown again."""
    first, second = (answered(Bank(BAR, seed=7, failing_per_mille=300), Whim.REORDERS, Whim.CHANGES_NAME) for _ in "ab")

    assert [(each.name, each.on, each.data) for each in first] == [(each.name, each.on, each.data) for each in second]


def test_a_lost_answer_is_told_when_asked_for() -> None:
    """The money is gone; nobody says so until somebody asks."""
    bank, file = Bank(BAR), file_of()

    assert answered(bank, Whim.LOSES_ANSWER, file=file) == []

    told = bank.inquire(file.name, on=LATER)
    assert told is not None
    assert set(outcomes(bank, told).values()) == {"paid"}


def test_a_lost_file_was_never_there() -> None:
    """Nothing is booked, and the bank says that it knows nothing."""
    bank, file = Bank(BAR), file_of()

    assert answered(bank, Whim.LOSES_FILE, file=file) == []

    assert bank.inquire(file.name, on=LATER) is None
    assert bank.books == []


def test_a_file_sent_twice_is_refused_under_any_name() -> None:
    """The same bytes are one instruction."""
    bank, file = Bank(BAR), file_of()
    bank.receive(file.name, file.data, on=DAY)
    bank.receive("other.txt", file.data, on=DAY)

    said = [each for each in bank.answers(DAY) if each.kind is AnswerKind.ACKNOWLEDGEMENT]

    assert [read_acknowledgement(each.data, BAR, each.name)[0].is_accepted for each in said] == [True, False]
    assert len(bank.books) == file.count


@pytest.mark.parametrize("whim", [Whim.REJECTS_FILE, None])
def test_a_file_that_is_refused_is_not_paid(whim: Whim | None) -> None:
    """For want of money, or because it was cut on the way."""
    bank, file = Bank(BAR), file_of()
    data = file.data if whim else file.data[:-40]

    bank.receive(file.name, data, on=DAY, whims=[whim] if whim else [])

    (said,) = bank.answers(LATER)
    assert not read_acknowledgement(said.data, BAR, "ack")[0].is_accepted
    assert bank.books == []


def test_a_payment_comes_back_after_it_arrived() -> None:
    """入账后退汇: said to be paid first, and returned days later; the statement shows both days."""
    bank = Bank(BAR)

    *_, late = answered(bank, Whim.RETURNS_LATE)

    (reference,) = (reference for reference, fen in bank.paid_fen().items() if fen == 0)
    assert late.on == add_days(DAY, LATE_DAYS)
    assert outcomes(bank, late) == {reference: "returned"}
    assert outcomes(bank, bank.statement(late.on)) == {reference: "returned"}


@pytest.mark.parametrize(
    ("whim", "word"),
    [(Whim.CHANGES_AMOUNT, "amount_fen"), (Whim.CHANGES_ACCOUNT, "account"), (Whim.CHANGES_NAME, "name")],
)
def test_one_cell_of_an_answer_is_not_what_was_sent(whim: Whim, word: str) -> None:
    """F5 is about such a line: the file adds up, and one line is another payment."""
    bank = Bank(BAR)

    _, returned = answered(bank, whim)

    statement = read_statement(returned.data, BAR, "returns")
    said = statement.lines.sort("reference")
    sent = table(*(payment(number) for number in range(1, 10))).lines.sort("reference")
    assert statement.is_whole
    assert [each for each in ("amount_fen", "account", "name") if said[each].to_list() != sent[each].to_list()] == [
        word
    ]


def test_an_answer_that_breaks_off_is_seen() -> None:
    """TRUNCATES: what is left is not whole."""
    _, returned = answered(Bank(BAR), Whim.TRUNCATES)

    assert not read_statement(returned.data, BAR, "returns").is_whole


def test_an_answer_comes_twice_and_out_of_order() -> None:
    """The second is the first again, a day later."""
    _, first, again = answered(Bank(BAR), Whim.ANSWERS_TWICE, Whim.REORDERS)

    assert (first.data, add_days(first.on, 1)) == (again.data, again.on)
    lines = read_statement(first.data, BAR, "returns").lines
    assert lines["reference"].to_list() != sorted(lines["reference"])
    assert isinstance(first.on, dt.date)
