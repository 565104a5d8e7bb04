import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import Due
from engine.dues import DUES
from engine.durations import Answer, Counts, Limits, limited, within_duration
from rules.bound import EXTENSION, MONTHS
from tests.engine.small_world import UNKNOWN, between, exactly

MET = Answer(is_met=True, due=exactly(1))
STOPPED = Answer(is_met=False, due=UNKNOWN)

ANSWERS = st.dictionaries(st.integers(1, 9), st.sampled_from([MET, MET, Answer(True, between(0, 3)), STOPPED]))
LENGTHS = st.tuples(st.integers(0, 6), st.sampled_from([0, 0, 2, None]))


def row(number: int, answer: Answer, component: str = "main") -> dict[str, object]:
    """Return a period's row in the frame of dues."""
    return dict.fromkeys(DUES.names()) | {
        "subject_id": "s",
        "event": "",
        "grant_id": "g",
        "period_no": number,
        "component": component,
        "is_met": answer.is_met,
        "standing": "known" if answer.is_met else "held",
        "at_least_fen": answer.due.at_least_fen,
        "at_most_fen": answer.due.at_most_fen,
        "is_open": answer.due.is_open,
    }


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    """Return rows as a frame of dues."""
    return pl.DataFrame(list(rows), schema=DUES)


@given(ANSWERS, LENGTHS, st.sampled_from(["calendar", "paid"]), st.sampled_from([1, 3]))
def test_frames_are_as_the_plain_reference_says(
    answers: dict[int, Answer], length: tuple[int, int | None], counts: Counts, each: int
) -> None:
    """Whichever periods are met, unknown or left out."""
    least, more = length
    months = (least, None if more is None else least + more)
    of_months = Answer(True, between(*months))
    measures = [row(number, of_months, MONTHS) for number in answers] + [
        row(number, Answer(True, exactly(0)), EXTENSION) for number in answers
    ]

    found = limited(
        frame(*(row(number, answer) for number, answer in answers.items())),
        frame(*measures),
        Limits(each, counts, {}),
    )

    plain = within_duration(answers, months, counts, each)
    on_frames = {
        each["period_no"]: Due(each["at_least_fen"], each["at_most_fen"], each["is_open"])
        for each in found.iter_rows(named=True)
    }
    assert on_frames == plain


@pytest.mark.parametrize(
    ("counts", "paid"),
    [
        pytest.param("calendar", [1, 2, 5], id="the-window-runs-on"),
        pytest.param("paid", [1, 2, 5, 6], id="only-months-with-money-count"),
    ],
)
def test_months_without_money(counts: Counts, paid: list[int]) -> None:
    """Five months: a gap of two uses up a calendar window, and nothing of counted months."""
    answers = dict.fromkeys([1, 2, 5, 6, 7], MET)
    length = 5 if counts == "calendar" else 4

    found = within_duration(answers, (length, length), counts, 1)

    assert [number for number, due in found.items() if due.at_least_fen] == paid


def test_the_months_of_the_first_period_stay() -> None:
    """P17: what the facts of later periods would give changes nothing, unless a decision adds months."""
    answers = dict.fromkeys((1, 2, 3, 4), MET)
    given_months = {1: 2, 2: 9, 3: 9, 4: 9}
    dues = frame(*(row(number, answer) for number, answer in answers.items()))

    def paid(extension: int) -> list[int]:
        measures = [row(number, Answer(True, exactly(months)), MONTHS) for number, months in given_months.items()]
        measures += [row(number, Answer(True, exactly(extension)), EXTENSION) for number in answers]
        found = limited(dues, frame(*measures), Limits(1, "calendar", {}))
        return found.filter(pl.col("at_least_fen") > 0)["period_no"].to_list()

    assert paid(0) == [1, 2]
    assert paid(1) == [1, 2, 3]


def test_instalments_are_due_in_their_own_period() -> None:
    """15 in the first year and 10 in the second, if the status still holds then; a missed one is not made up for."""
    instalments = {"first": 1, "second": 2}
    kept = [row(number, MET, component) for number in (4, 5, 6) for component in instalments]
    lost = [row(number, MET, component) for number in (4, 6) for component in instalments]

    def due(rows: list[dict[str, object]]) -> list[tuple[int, str]]:
        found = limited(frame(*rows), frame(), Limits(12, None, instalments)).filter(pl.col("at_least_fen") > 0)
        return sorted(found.select("period_no", "component").rows())

    assert due(kept) == [(4, "first"), (5, "second")]
    assert due(lost) == [(4, "first")]


def test_an_instalment_whose_first_period_is_uncertain_waits() -> None:
    """An unknown period before the first met one may have been the first: nothing is certain, nothing is ruled out."""
    rows = [row(3, STOPPED, "second"), row(4, MET, "second"), row(5, MET, "second")]

    found = limited(frame(*rows), frame(), Limits(12, None, {"second": 2}))

    ranges = {each["period_no"]: (each["at_least_fen"], each["at_most_fen"]) for each in found.iter_rows(named=True)}
    assert ranges == {3: (0, 0), 4: (0, 100), 5: (0, 100)}
