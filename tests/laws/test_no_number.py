"""NaN: nothing that a rule is asked of can hold it, so that no engine has to say what it makes of it."""

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import RunError
from core.values import FactType, ValueType
from engine.codes import RunCode
from engine.prepared import match_file
from profiles.cells import read_cells
from profiles.columnar import as_text
from profiles.querying import _text
from profiles.raw_table import DIGITS_LOST
from tests.engine.spark.clusters import made_up, shipped

NUMBERS = [FactType(ValueType.INTEGER), FactType(ValueType.DECIMAL, scale=2), FactType(ValueType.MONEY)]


def of_file(value: float) -> str | None:
    """Return a fraction of a Parquet file as the text that is read on."""
    text: str | None = pl.DataFrame({"x": [value]}).select(as_text("x", pl.Float64())).item()
    return text


def read(text: str | None, type_: FactType) -> object:
    """Return what a cell is read as; None where it is refused."""
    return read_cells(pl.Series([text], dtype=pl.String), type_)[0]


@pytest.mark.parametrize("type_", ValueType)
def test_no_fact_is_held_as_a_binary_fraction(type_: ValueType) -> None:
    """Only those know NaN."""
    assert not FactType(type_).dtype.is_float()


@given(st.floats(), st.sampled_from(NUMBERS))
@example(math.nan, NUMBERS[0])
@example(math.inf, NUMBERS[1])
@example(-0.0, NUMBERS[2])
def test_a_file_and_a_query_say_the_same_of_a_fraction(value: float, type_: FactType) -> None:
    """Whichever way a binary fraction is delivered, it is read as the same number, or refused for the same reason."""
    texts = of_file(value), _text(value)

    assert len({(text == DIGITS_LOST, read(text, type_)) for text in texts}) == 1


@pytest.mark.parametrize("type_", NUMBERS)
def test_what_is_no_number_is_refused_as_such(type_: FactType) -> None:
    """Its row goes into quarantine as unreadable, as that of a CSV file does, and not as a number that lost its digits."""
    texts = of_file(math.nan), _text(math.nan), "NaN"

    assert {text.upper() if text else text for text in texts} == {"NAN"}
    assert [read(text, type_) for text in texts] == [None, None, None]


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.0])
@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64])
@pytest.mark.parametrize("how", [{}, {"is_plain": True}, {"is_whole": True}, {"subject_id": "7"}])
def test_a_prepared_frame_with_fractions_is_refused(
    tmp_path: Path, value: float, dtype: type[pl.DataType], how: dict[str, object]
) -> None:
    """Whether all policies are asked together, each by itself or of one subject, and whatever the fractions are."""
    people = shipped("person")
    profiles = made_up(people, 30)
    code = next(each for each in profiles.columns if profiles.schema[each] == pl.Int64)
    path, out = tmp_path / "profiles.parquet", tmp_path / "out.parquet"
    profiles.with_columns(pl.lit(value, dtype=dtype).alias(code)).write_parquet(path)

    with pytest.raises(RunError) as caught:
        match_file(path, people, out=out, **how)  # type: ignore[arg-type]  # its own words

    assert {each.code for each in caught.value.findings} == {RunCode.FRAME_COLUMN}
    assert not out.exists()
