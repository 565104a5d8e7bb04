"""Tables go out as a workbook and come back as the next version, with nothing else changed."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MianshenError, RefusedError, RuleError
from engine.authoring.table_book import origin_of, read_tables, render_tables
from engine.authoring.table_exchange import ImportedTables, export_version, import_tables
from rules.reading import parse_version
from rules.tables import tables_of
from tests.engine.authoring.guides import SHIPPED_VERSIONS
from tests.world import World, day

TEXT = """\
policy: care     # the code stays
item_code: "310118-T"
title: '护理'
owner: 残联
basis: [{doc: 测试, certainty: I}]
subject: person
region: "310118"
lane: automatic
benefit: cash
version: 1
valid_from: 2020-01-01
parameters: {high: 350, low: '1万', share: 5%, area: '"310118"', since: 'd"2000-01-01"'}   # 元
criteria:
  - {id: card, label: 持证, when: '有证 and within(户籍, "310118") and 发证 >= since'}
tariff:
  # 一级在前
  - when: 等级 == 1   # 一级
    amount: high
  - {when: '等级 in [2, 3]', amount: low * share}
terms: {period: month, pay: {calendar: monthly, day: 15}}
examples:
  - {name: 一级, day: 2025-06-15, facts: {有证: true, 户籍: "310118", 发证: 2001-01-01, 等级: 1}, expect: {outcome: met, amount: 350}}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace with one draft."""
    made = World.at(tmp_path / "w")
    text = TEXT.replace(", area: '\"310118\"'", "")
    (made.root / "policies" / "care").mkdir()
    (made.root / "policies" / "care" / "1.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    yield made
    made.store.close()


def export(world: World, name: str = "care.xlsx", version: int | None = None) -> Path:
    """Export the draft's tables."""
    path = world.root / name
    export_version(world.deployment, "care", version, path)
    return path


def edit(path: Path, **cells: object) -> None:
    """Write cells of the two tables: `p` and `t`, then the cell."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book[{"p": "参数", "t": "标准"}[place[0]]][place[1:]] = value
    book.save(path)


def imported(world: World, path: Path) -> ImportedTables:
    """Import a workbook."""
    return import_tables(world.deployment, path, None)


def test_a_workbook_that_nobody_edited_changes_nothing(world: World) -> None:
    """Straight from the export, and after a spreadsheet saved it again."""
    path = export(world)

    for _ in range(2):
        made = imported(world, path)
        assert (made.path, made.changes) == (None, ())
        edit(path)
    assert [each.name for each in (world.root / "policies" / "care").iterdir()] == ["1.yaml"]


def test_what_was_edited_becomes_the_next_version(world: World) -> None:
    """Comments, quotes, order and line ends stay; only values, the number and a new row differ."""
    path = export(world)
    edit(path, pB2=380, pB3=2, pB4=0.065, tC2=" high + 10 ", tA4="", tB4="等级 == 4", tC4="50元", tE4="第四条")

    made = imported(world, path)

    before = (world.root / "policies" / "care" / "1.yaml").read_bytes().decode()
    expected = (
        before.replace("version: 1", "version: 2")
        .replace("high: 350, low: '1万', share: 5%", "high: 380, low: 2万, share: 6.5%")
        .replace("amount: high", "amount: high + 10")
        .replace("low * share}\r\n", "low * share}\r\n  - when: 等级 == 4\r\n    amount: 50\r\n    article: 第四条\r\n")
    )
    assert made.path is not None
    assert made.path.read_bytes().decode() == expected
    assert [(each.what, each.before, each.after) for each in made.changes] == [
        ("参数 high", "350", "380"), ("参数 low", "1万", "2万"), ("参数 share", "5%", "6.5%"),
        ("标准", "等级 == 1 → high", "等级 == 1 → high + 10"), ("标准", None, "等级 == 4 → 50（第四条）"),
    ]  # fmt: skip
    assert "R406" in {each.code.value for each in made.findings}, "the example still says what was paid before"
    again = export(world, "again.xlsx")
    assert imported(world, again).changes == ()
    text = made.path.read_bytes().decode()
    after = parse_version(text, world.deployment.catalogue, "x")
    assert read_tables(path, tables_of(after.written)).tables == tables_of(after.written), "export(import(x)) = x"


def test_the_first_day_may_be_given(world: World) -> None:
    """A raise stands from its own day."""
    path = export(world)
    edit(path, pB2=380)

    made = import_tables(world.deployment, path, day("2026-01-01"))

    assert made.path is not None
    assert "valid_from: 2026-01-01" in made.path.read_text("utf-8")


def test_a_fault_is_told_by_its_cell(world: World) -> None:
    """An unknown name, a type that does not fit: nothing is written, and the officer finds the cell."""
    path = export(world)
    edit(path, tC2="hihg", tB3='等级 == "二级"')

    with pytest.raises(RuleError) as refused:
        imported(world, path)

    said = str(refused.value)
    assert "care.xlsx 标准!C2: error[R201]" in said
    assert "the nearest name is `high`" in said
    assert "care.xlsx 标准!B3" in said
    assert [each.name for each in (world.root / "policies" / "care").iterdir()] == ["1.yaml"]


def test_a_version_that_changed_since_is_refused(world: World) -> None:
    """Somebody's edit of the file is not undone by an older workbook."""
    path = export(world)
    file = world.root / "policies" / "care" / "1.yaml"
    file.write_bytes(file.read_bytes() + b"# edited\r\n")
    edit(path, pB2=380)

    with pytest.raises(RefusedError) as refused:
        imported(world, path)

    assert "R610" in str(refused.value)


def test_nothing_is_overwritten(world: World) -> None:
    """Neither an export that may have been edited, nor a file under the next number."""
    path = export(world)
    edit(path, pB2=380)
    edited = path.read_bytes()

    with pytest.raises(RefusedError):
        export(world)
    assert path.read_bytes() == edited

    (world.root / "policies" / "care" / "2.yaml").mkdir()
    with pytest.raises(MianshenError):
        imported(world, path)
    assert list((world.root / "policies" / "care" / "2.yaml").iterdir()) == []


def test_a_published_text_comes_out_of_the_store(world: World) -> None:
    """As it was published, whatever became of the file; what was not published does not come out."""
    world.rule(policy="other")
    published = world.published_text()
    out = world.root / "other.yaml"

    assert export_version(world.deployment, "other", None, out) == 1
    assert out.read_text("utf-8") == published
    for version in (None, 1):
        with pytest.raises(RuleError) as refused:
            export_version(world.deployment, "care", version, world.root / "care.yaml")
        assert "R502" in str(refused.value)


@pytest.mark.parametrize("key", sorted(SHIPPED_VERSIONS), ids=str)
def test_every_shipped_version_goes_out_and_comes_back(key: tuple[str, int], tmp_path: Path) -> None:
    """The same bytes each time, and the same tables after a spreadsheet saved them."""
    version = SHIPPED_VERSIONS[key]
    path = tmp_path / "t.xlsx"
    path.write_bytes(render_tables(version))
    edit(path)

    assert render_tables(version) == render_tables(version)
    assert read_tables(path, tables_of(version.written)).tables == tables_of(version.written)


@given(data=st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever signs of it were changed, in the file or within a part: it is read or refused, without a traceback."""
    version = SHIPPED_VERSIONS["disability-nursing-allowance", 2]
    parts = unpacked(render_tables(version))
    name = data.draw(st.sampled_from(sorted(parts)))
    cut = data.draw(st.integers(0, len(parts[name])))
    put = data.draw(st.binary(max_size=6))
    parts[name] = parts[name][:cut] + put + parts[name][cut + data.draw(st.integers(0, 30)) :]
    file = packed(parts)
    at = data.draw(st.integers(0, len(file) - 1))
    file = file if data.draw(st.booleans()) else file[:at] + put + file[at + len(put) :]

    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        path.write_bytes(file)
        with suppress(RuleError):
            origin_of(path)
            read_tables(path, tables_of(version.written))


def test_a_sheet_without_end_is_refused(world: World) -> None:
    """One cell far out would make millions to look at."""
    path = export(world)
    edit(path, pXFD1="x")

    with pytest.raises(RuleError) as refused:
        imported(world, path)

    assert "R608" in str(refused.value)


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a workbook of parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()
