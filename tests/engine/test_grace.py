import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import NOTHING_DUE, Due
from engine.grace import Standing, StandingDue, carry_grace, with_grace

KNOWN = Due(150, 150)
HELD = StandingDue(Due(0, None), Standing.HELD)
CARRIED = StandingDue(Due(150, None), Standing.ON_GRACE)


@pytest.mark.parametrize(
    ("grace_periods", "last_three"),
    [
        pytest.param(0, [HELD, HELD, HELD], id="no-grace"),
        pytest.param(1, [CARRIED, HELD, HELD], id="one-period"),
        pytest.param(2, [CARRIED, CARRIED, HELD], id="two-periods"),
    ],
)
def test_grace_ends(grace_periods: int, last_three: list[StandingDue]) -> None:
    """The last known due goes on for so many periods, then nothing is certain."""
    standing = with_grace({1: KNOWN, 2: None, 3: None, 4: None}, grace_periods)

    assert [standing[number] for number in (2, 3, 4)] == last_three


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        pytest.param({2: None}, HELD, id="never-known"),
        pytest.param({0: KNOWN, 2: None}, HELD, id="nothing-was-due-just-before"),
        pytest.param({1: NOTHING_DUE, 2: None}, HELD, id="known-not-to-be-met-just-before"),
        pytest.param({1: Due(50, 90), 2: None}, StandingDue(Due(50, None), Standing.ON_GRACE), id="a-range-before"),
        pytest.param(
            {1: Due(50, 90, is_open=True), 2: None},
            StandingDue(Due(50, None, is_open=True), Standing.ON_GRACE),
            id="what-waited-before-goes-on-waiting",
        ),
        pytest.param({1: None, 2: KNOWN}, StandingDue(KNOWN, Standing.KNOWN), id="known-again"),
    ],
)
def test_what_is_carried(answers: dict[int, Due | None], standing: StandingDue) -> None:
    """What was certain in the last known period; a period left out is known, and nothing was due."""
    assert with_grace(answers, grace_periods=1)[2] == standing


DUES = st.none() | st.builds(
    lambda least, more, is_open: Due(least, None if more is None else least + more, is_open),
    st.integers(0, 2),
    st.none() | st.integers(0, 2),
    st.booleans(),
)


@given(st.dictionaries(st.sampled_from("ab"), st.dictionaries(st.integers(0, 9), DUES, max_size=10)), st.integers(0, 3))
def test_frame_agrees_with_the_reference(grants: dict[str, dict[int, Due | None]], grace_periods: int) -> None:
    """Grant by grant and period by period, whatever the amounts of an unknown period hold on the way in."""
    rows = [
        (grant_id, number, due is not None, *((7, 8, True) if due is None else _row(due)))
        for grant_id, answers in grants.items()
        for number, due in answers.items()
    ]
    periods = pl.LazyFrame(
        rows,
        schema={
            "grant_id": pl.String,
            "period_no": pl.Int32,
            "is_known": pl.Boolean,
            "at_least_fen": pl.Int64,
            "at_most_fen": pl.Int64,
            "is_open": pl.Boolean,
        },
        orient="row",
    )

    after = carry_grace(periods, ("grant_id",), grace_periods).collect()

    expected = [
        (grant_id, number, *_row(each.due), each.standing)
        for grant_id, answers in sorted(grants.items())
        for number, each in with_grace(answers, grace_periods).items()
    ]
    columns = ("grant_id", "period_no", "at_least_fen", "at_most_fen", "is_open", "standing")
    assert after.select(columns).rows() == expected


def _row(due: Due) -> tuple[int, int | None, bool]:
    return due.at_least_fen, due.at_most_fen, due.is_open
