"""The parameters and the tariff of a version as tables, and a text with other tables in their place.

Only what differs in meaning is changed; rows that stay keep their text, with comments and quotes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.yaml_editing import YamlEditing, written_scalar
from core.yaml_text import Path
from rules.table_cells import means_the_same
from rules.version import Number, WrittenVersion

MAIN = "main"  # the component of a line that names none


@dataclass(frozen=True, slots=True)
class TariffRow:
    """One line of the tariff as a table shows it; expressions on one line, `when` None where it applies to the rest."""

    component: str
    when: str | None
    amount: Number
    instalment: int | None
    article: str | None


@dataclass(frozen=True, slots=True)
class Tables:
    """What officers edit in a spreadsheet."""

    parameters: Mapping[str, Number]
    tariff: tuple[TariffRow, ...]


@dataclass(frozen=True, slots=True)
class TableChange:
    """One difference between two versions' tables, in words; None where there was, or is, nothing."""

    what: str
    before: str | None
    after: str | None


def tables_of(written: WrittenVersion) -> Tables:
    """Return the tables of a version, in the order written."""
    rows = (
        TariffRow(
            component=each.component,
            when=None if each.when is None else _one_line(each.when),
            amount=each.amount,
            instalment=each.instalment,
            article=each.article,
        )
        for each in written.tariff
    )
    return Tables(dict(written.parameters), tuple(rows))


def with_tables(editing: YamlEditing, before: Tables, after: Tables) -> None:
    """Change a text's tables, as far as they differ in meaning."""
    _change_parameters(editing, before.parameters, after.parameters)
    _change_tariff(editing, before.tariff, after.tariff)


def table_changes(before: Tables, after: Tables) -> tuple[TableChange, ...]:
    """Return what differs in meaning, in the order of the tables."""
    return tuple(_changes(before, after))


def _changes(before: Tables, after: Tables) -> Iterator[TableChange]:
    for name in dict.fromkeys([*before.parameters, *after.parameters]):
        old, new = before.parameters.get(name), after.parameters.get(name)
        if old is None or new is None or not means_the_same(old, new):
            yield TableChange(f"参数 {name}", _said(old), _said(new))
    for old_rows, new_rows in _opposed(before.tariff, after.tariff):
        for place in range(max(len(old_rows), len(new_rows))):
            was = _row_words(before.tariff[old_rows[place]]) if place < len(old_rows) else None
            now = _row_words(after.tariff[new_rows[place]]) if place < len(new_rows) else None
            if was != now:
                yield TableChange("标准", was, now)


def _change_parameters(editing: YamlEditing, before: Mapping[str, Number], after: Mapping[str, Number]) -> None:
    for name in before.keys() & after.keys():
        if not means_the_same(before[name], after[name]):
            editing.set(("parameters", name), _yaml(after[name]))
    gone = [place for place, name in enumerate(before) if name not in after]
    new = {name: _yaml(value) for name, value in after.items() if name not in before}
    if gone and len(gone) == len(before) and new:  # nothing of it stays: one change of one place
        editing.set(("parameters",), "{" + ", ".join(f"{written_scalar(k)}: {v}" for k, v in new.items()) + "}")
        return
    if gone:
        editing.remove_all(("parameters",), gone)
    editing.put(("parameters",), new, before="criteria")


def _change_tariff(editing: YamlEditing, before: Sequence[TariffRow], after: Sequence[TariffRow]) -> None:
    gone: list[int] = []
    for old, new in _opposed(before, after):
        for index, place in zip(old, new, strict=False):
            _change_row(editing, ("tariff", index), before[index], after[place])
        gone += old[len(new) :]
        editing.insert(("tariff",), old.stop, [_item(after[place]) for place in new[len(old) :]])
    if gone:
        editing.remove_all(("tariff",), gone)


def _opposed(before: Sequence[TariffRow], after: Sequence[TariffRow]) -> Iterator[tuple[range, range]]:
    """Give runs of old rows with the new rows that stand in their place; rows for the same case stand together."""
    old, new = ([(row.component, row.when, row.instalment) for row in table] for table in (before, after))
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield range(i1, i2), range(j1, j2)


def _change_row(editing: YamlEditing, path: Path, before: TariffRow, after: TariffRow) -> None:
    """Change the keys of a row that differ; whatever else its author wrote there stays."""
    was, now = _item(before), _item(after)
    if means_the_same(before.amount, after.amount):
        now["amount"] = was["amount"]
    for key in [key for key in was if key not in now]:
        editing.drop((*path, key))
    for key in [key for key, value in now.items() if was.get(key, value) != value]:
        editing.set((*path, key), now[key])
    new = {key: value for key, value in now.items() if key not in was}
    for key in [key for key in new if editing.has((*path, key))]:  # `component: main`, written out
        editing.set((*path, key), new.pop(key))
    editing.put(path, new)


def _item(row: TariffRow) -> dict[str, str]:
    item = {} if row.component == MAIN else {"component": written_scalar(row.component)}
    item |= {} if row.when is None else {"when": written_scalar(row.when)}
    item["amount"] = _yaml(row.amount)
    item |= {} if row.instalment is None else {"instalment": str(row.instalment)}
    return item | ({} if row.article is None else {"article": written_scalar(row.article)})


def _row_words(row: TariffRow) -> str:
    component = "" if row.component == MAIN else f"{row.component}："
    instalment = "" if row.instalment is None else f"（第{row.instalment}期）"
    article = "" if row.article is None else f"（{row.article}）"
    return f"{component}{row.when or '其余'} → {_said(row.amount)}{instalment}{article}"


def _said(value: Number | None) -> str | None:
    return None if value is None else _one_line(str(value))


def _yaml(value: Number) -> str:
    return written_scalar(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())
