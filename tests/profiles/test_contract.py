import datetime as dt

import polars as pl
import pytest

from core.days import FIRST_DAY, LAST_DAY
from profiles.catalogue import Resource
from profiles.contract import Checked, check_batch
from tests.profiles.deliveries import CARDS, CITIZENS, LIST, LOANS, raw, resource

TODAY = dt.date(2025, 7, 2)
ANN, BOB, EVE = CITIZENS
FIRM = "91350100M000100Y43"
AMOUNT = "{name: 额, type: money, at_least: 0, at_most: 1000000.5, optional: true}"
LEVEL = "{name: 级, type: text, values: [一级, 二级], optional: true}"


def check(to: Resource, **columns: list[str | None]) -> Checked:
    """Check a batch on an ordinary day."""
    return check_batch(raw(**columns), to, today=TODAY)


def faults(checked: Checked) -> list[tuple[int, str, str]]:
    """Return the faults as (row, column, code)."""
    return checked.faults.select("row_number", "column", "code").sort("row_number", "column", "code").rows()


def test_a_good_row_is_accepted_and_typed() -> None:
    """Every column gets its type; keys and values stay side by side."""
    checked = check(resource(LIST, AMOUNT, LEVEL), 号码=[ANN], 额=["1,234.50"], 级=["一级"])

    assert checked.keys.rows() == [(1, ANN)]
    assert checked.values.to_dicts() == [{"额": 123450, "级": "一级", "row_number": 1}]
    assert checked.values["额"].dtype == pl.Int64
    assert checked.faults.is_empty()
    assert checked.unreadable_count == 0


@pytest.mark.parametrize(
    ("number", "code"), [(None, "P221"), ("", "P221"), ("12345", "P222"), ("110105********002X", "P222")]
)
def test_a_row_without_a_readable_number(number: str | None, code: str) -> None:
    """It concerns nobody whom we know, and is counted, so that the load's silence is not taken for absence."""
    checked = check(resource(), 号码=[ANN, number, BOB])

    assert faults(checked) == [(2, "号码", code)]
    assert checked.faults["subject"].to_list() == [None]
    assert checked.unreadable_count == 1
    assert checked.keys["subject"].to_list() == [ANN, BOB]


@pytest.mark.parametrize("number", ["1.10105194912310E+17", "1.1E+17"])
def test_a_number_that_a_spreadsheet_has_cut(number: str) -> None:
    """An exponent means that the last digits are gone; the steward is told so, and not of a wrong length."""
    checked = check(resource(), 号码=[number])

    assert faults(checked) == [(1, "号码", "P210")]
    assert checked.unreadable_count == 1


def test_a_wrong_check_digit_is_accepted_and_counted() -> None:
    """Lawful exceptions exist: they are paid, and a sample is compared."""
    checked = check(resource(LOANS), 代码=[FIRM, "91350100M0001TGQXM"], 日期=["2025-07-01", "2025-07-01"])

    assert checked.keys.height == 2
    assert checked.odd_checks == {"代码": 1}


def test_a_quarantined_row_knows_its_subject() -> None:
    """Whoever's row is in quarantine is unknown, not absent; so the number goes on to the vault."""
    checked = check(resource(LIST, AMOUNT), 号码=[ANN, BOB], 额=["12万", "5"])

    assert faults(checked) == [(1, "额", "P224")]
    assert checked.faults["subject"].to_list() == [ANN]
    assert checked.unreadable_count == 0


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        pytest.param("-0.01", "P226", id="a-fen-below"),
        pytest.param("0", None, id="at-the-least"),
        pytest.param("1000000.50", None, id="at-the-most"),
        pytest.param("1000000.51", "P226", id="a-fen-above"),
        pytest.param("NaN", "P224", id="not-a-number"),
        pytest.param("1.005", "P224", id="a-tenth-of-a-fen"),
        pytest.param("", None, id="not-given"),
    ],
)
def test_bounds(amount: str, code: str | None) -> None:
    """Bounds are inclusive, in yuan."""
    checked = check(resource(LIST, AMOUNT), 号码=[ANN], 额=[amount])

    assert [fault[2] for fault in faults(checked)] == ([code] if code else [])


def test_a_value_too_large_for_exact_arithmetic() -> None:
    """No frame holds a number whose products would leave 128 bits."""
    checked = check(resource(LIST, "{name: 数, type: integer}"), 号码=[ANN, BOB], 数=["9" * 18, str(10**12)])

    assert faults(checked) == [(1, "数", "P226")]


@pytest.mark.parametrize(("amount", "is_accepted"), [("10000000000000.00", True), ("10000000000000.01", False)])
def test_what_the_largest_enterprise_turns_over_is_accepted(
    amount: str, is_accepted: bool
) -> None:  # given by name in the table
    """Money reaches to ten trillion yuan."""
    checked = check(resource(LIST, "{name: 额, type: money}"), 号码=[ANN], 额=[amount])

    assert (not faults(checked)) is is_accepted


def test_a_value_that_is_not_listed() -> None:
    """A word that nobody declared may mean anything."""
    checked = check(resource(LIST, LEVEL), 号码=[ANN, BOB, EVE], 级=["三级", "二级", None])

    assert faults(checked) == [(1, "级", "P225")]


def test_a_value_that_is_needed() -> None:
    """Only an `optional` column may be empty."""
    checked = check(resource(LIST, "{name: 级, type: integer}"), 号码=[ANN, BOB], 级=[None, "1"])

    assert faults(checked) == [(1, "级", "P223")]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        pytest.param("2025-07-02", None, id="today"),
        pytest.param("2025-07-03", "P228", id="tomorrow"),
        pytest.param("1899-12-31", "P226", id="before-the-first-day"),
        pytest.param("1900-01-01", None, id="the-first-day"),
        pytest.param("20250230", "P224", id="no-such-day"),
    ],
)
def test_the_day_of_an_event(day: str, code: str | None) -> None:
    """An event cannot have happened yet (semantics §1)."""
    checked = check(resource(LOANS), 代码=[FIRM], 日期=[day])

    assert [fault[2] for fault in faults(checked)] == ([code] if code else [])


def test_validity_may_begin_later() -> None:
    """Quarantine for the future does not apply to validity that begins later (semantics §1)."""
    checked = check(resource(CARDS), 号码=[ANN], 起=["2026-01-01"], 止=["2035-12-31"])

    assert checked.faults.is_empty()


def test_open_ends_are_days() -> None:
    """Nobody downstream has to ask whether an end is null; under its own name the cell stays as delivered."""
    to = resource(CARDS.replace("role: valid_from}", "role: valid_from, optional: true}"))
    checked = check(to, 号码=[ANN, BOB], 起=[None, "2025-07-01"], 止=["长期", None])

    assert checked.values["valid_from"].to_list() == [FIRST_DAY, dt.date(2025, 7, 1)]
    assert checked.values["valid_through"].to_list() == [LAST_DAY, LAST_DAY]
    assert checked.values["起"].to_list() == [None, dt.date(2025, 7, 1)]
    assert checked.values["止"].to_list() == [LAST_DAY, None]


def test_a_spell_without_a_last_day_is_open() -> None:
    """A resource may declare only where validity begins."""
    to = resource(LIST, "{name: 起, type: date, role: valid_from}", kind="spell")

    assert check(to, 号码=[ANN], 起=["2025-07-01"]).values["valid_through"].to_list() == [LAST_DAY]


@pytest.mark.parametrize(("through", "is_good"), [("2025-07-01", True), ("2025-06-30", False)])
def test_a_spell_ends_on_its_first_day_or_later(through: str, *, is_good: bool) -> None:
    """Both ends are inclusive, so a spell of one day is a spell."""
    checked = check(resource(CARDS), 号码=[ANN], 起=["2025-07-01"], 止=[through])

    assert checked.faults.is_empty() is is_good
    assert faults(checked) == ([] if is_good else [(1, "止", "P229")])


def test_a_row_with_several_faults_tells_all() -> None:
    """The department mends a row once."""
    checked = check(resource(LIST, AMOUNT, LEVEL), 号码=["x"], 额=["y"], 级=["z"])

    assert faults(checked) == [(1, "号码", "P222"), (1, "级", "P225"), (1, "额", "P224")]


def test_a_ragged_row_is_only_ragged() -> None:
    """Where cells have moved, their own faults mean nothing; the number is believed, so that its owner is unknown."""
    batch = raw(号码=[ANN, BOB], 额=["x", "1"]).with_columns(is_whole=pl.Series([False, True]))
    checked = check_batch(batch, resource(LIST, AMOUNT), today=TODAY)

    assert faults(checked) == [(1, "*", "P230")]
    assert checked.faults["subject"].to_list() == [ANN]


class TestIncrements:
    """Rows by key, with withdrawals."""

    to = resource(
        LIST,
        "{name: 键, type: text, role: row_key}",
        "{name: 操作, type: text, role: operation}",
        "{name: 级, type: integer}",
        delivery="increment",
        kind="spell",
    )

    @pytest.mark.parametrize("word", ["新增", "变更", "I", "update"])
    def test_upsert(self, word: str) -> None:
        """New and changed rows are one thing to us."""
        checked = check(self.to, 号码=[ANN], 键=["k"], 操作=[word], 级=["1"])

        assert checked.values["operation"].to_list() == ["upsert"]

    @pytest.mark.parametrize("word", ["撤销", "删除", "D", "withdraw"])
    def test_a_withdrawal_needs_only_its_key(self, word: str) -> None:
        """What was taken back is told by its key; the other cells are mostly empty."""
        checked = check(self.to, 号码=[ANN], 键=["k"], 操作=[word], 级=[None])

        assert checked.faults.is_empty()
        assert checked.values["operation"].to_list() == ["withdraw"]

    def test_a_withdrawal_needs_its_key(self) -> None:
        """Nobody could tell what is taken back."""
        assert faults(check(self.to, 号码=[ANN], 键=[None], 操作=["撤销"], 级=[None])) == [(1, "键", "P223")]

    def test_a_word_that_is_no_operation(self) -> None:
        """It might mean either."""
        assert faults(check(self.to, 号码=[ANN], 键=["k"], 操作=["?"], 级=["1"])) == [(1, "操作", "P225")]

    def test_an_operation_that_may_be_missing(self) -> None:
        """A row without a word is new or changed."""
        optional = self.to.model_copy(
            update={"columns": tuple(c.model_copy(update={"optional": c.name == "操作"}) for c in self.to.columns)}
        )
        checked = check(optional, 号码=[ANN], 键=["k"], 操作=[None], 级=["1"])

        assert checked.values["operation"].to_list() == ["upsert"]

    def test_an_operation_that_is_missing(self) -> None:
        """It might be either."""
        assert faults(check(self.to, 号码=[ANN], 键=["k"], 操作=[None], 级=["1"])) == [(1, "操作", "P223")]


def test_personal_cells_stand_apart() -> None:
    """Names, phones and accounts never mix with values, not even for a moment."""
    to = resource(
        LIST, "{name: 姓名, type: text, role: name}", "{name: 账号, type: text, role: account, optional: true}"
    )
    checked = check(to, 号码=[ANN], 姓名=[" 王 芳 "], 账号=["6.222E+18"])

    assert checked.values.columns == ["row_number"]
    assert faults(checked) == [(1, "账号", "P210")]
    assert check(to, 号码=[ANN], 姓名=[" 王 芳 "], 账号=["6222"]).personal.rows() == [("王 芳", "6222")]


def test_the_other_number_of_a_relation() -> None:
    """A row about two subjects is in quarantine for both."""
    to = resource(LIST, "{name: 户号, type: household_no, role: other, optional: true}", AMOUNT, other="household")
    checked = check(to, 号码=[ANN, BOB], 户号=["H1", None], 额=["x", "1"])

    assert checked.faults.select("subject", "other").rows() == [(ANN, "H1")]
    assert checked.keys.rows() == [(2, BOB, None)]


def test_an_empty_batch_has_its_columns() -> None:
    """An empty list is a list."""
    checked = check_batch(raw(号码=[], 额=[]), resource(LIST, AMOUNT), today=TODAY)

    assert checked.values.schema == {"额": pl.Int64, "row_number": pl.UInt32}
    assert checked.row_count == 0
