"""Other tables in a rule's text: they are there, and nothing else has changed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleError
from core.strict_yaml import parse_yaml
from core.yaml_editing import YamlEditing
from rules.tables import Tables, TariffRow, table_changes, tables_of, with_tables
from rules.version import WrittenVersion
from tests.rules.samples import VERSION, version_text

BLOCKS = version_text(
    ("parameters: {level_1: 350, level_2: 180}\n", "parameters:  # 元\n  level_1: 350  # 一级\n  level_2: '18万'\n"),
    ("tariff:\n", "tariff:\n  # 先看一级\n"),
    ("    amount: level_1\n", "    component: main\n    amount: level_1   # 一级的\n\n"),
)
FLOWS = version_text(
    ("  - when: 残疾等级 == 1\n    amount: level_1\n  - when: 残疾等级 in [2, 3]\n    amount: level_2\n",
     "  - {when: 残疾等级 == 1, amount: level_1}\n  - {amount: level_2, article: 二}\n"),
)  # fmt: skip
BARE = version_text(
    ("parameters: {level_1: 350, level_2: 180}\n", ""),
    ("amount: level_1", "amount: 5"),
    ("amount: level_2", "amount: 6"),
)

TEXTS = {"blocks": BLOCKS, "flows": FLOWS, "bare": BARE, "sample": VERSION}


def read(text: str) -> Tables:
    """Return the tables of a text."""
    return tables_of(parse_yaml(text, WrittenVersion, error=RuleError, name="x"))


def changed(text: str, after: Tables) -> str:
    """Return a text with other tables."""
    editing = YamlEditing(text)
    with_tables(editing, read(text), after)
    return editing.text()


names = st.sampled_from(["level_1", "level_2", "level_3", "上限", "a b"])
numbers = st.one_of(
    st.integers(0, 10**6), st.decimals(0, 100, places=2), st.sampled_from(["5%", "25万", "level_1 * 2", '"0118"', "no", "# x"])
)  # fmt: skip
rows = st.builds(
    TariffRow,
    component=st.sampled_from(["main", "护理"]),
    when=st.sampled_from([None, "残疾等级 == 1", "残疾等级 in [2, 3]", '户籍区划 == "31"', "特困供养"]),
    amount=numbers,
    instalment=st.sampled_from([None, None, 1, 2]),
    article=st.sampled_from([None, "二", "第三条：一"]),
)
tables = st.builds(Tables, st.dictionaries(names, numbers, max_size=5), st.lists(rows, max_size=6).map(tuple))


def comparable(found: Tables) -> tuple[object, ...]:
    """Return tables without the order of parameters, which says nothing; new ones stand last."""
    return sorted(found.parameters.items(), key=lambda pair: pair[0]), found.tariff


@pytest.mark.parametrize("name", TEXTS)
@given(after=tables)
def test_the_new_tables_are_read_back(name: str, after: Tables) -> None:
    """Whatever was added, taken out, moved or changed, in blocks and in brackets."""
    text = TEXTS[name]

    found = read(changed(text, after))

    assert table_changes(found, after) == ()
    assert [(row.component, row.when, row.instalment, row.article) for row in found.tariff] == [
        (row.component, row.when, row.instalment, row.article) for row in after.tariff
    ]
    assert set(found.parameters) == set(after.parameters)
    assert changed(changed(text, after), after) == changed(text, after)


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_tables_change_nothing(name: str) -> None:
    """Not one byte, also where a value is spelt otherwise."""
    before = read(TEXTS[name])
    respelt = Tables(
        {key: f"{value * 100}%" if isinstance(value, int) else value for key, value in before.parameters.items()},
        before.tariff,
    )

    assert changed(TEXTS[name], before) == TEXTS[name]
    assert changed(TEXTS[name], respelt) == TEXTS[name]


def test_only_what_differs_is_touched() -> None:
    """The comment beside an amount, the order of keys and the quotes of the others stay."""
    before = read(BLOCKS)
    first, second = before.tariff
    after = Tables(
        dict(before.parameters) | {"level_1": 380, "level_3": "5%"},
        (first, TariffRow("main", "残疾等级 == 2", Decimal("200.5"), None, "二"), second),
    )

    expected = BLOCKS.replace("level_1: 350", "level_1: 380").replace("'18万'\n", "'18万'\n  level_3: 5%\n").replace(
        "# 一级的\n", "# 一级的\n  - when: 残疾等级 == 2\n    amount: 200.5\n    article: 二\n"
    )  # fmt: skip
    assert changed(BLOCKS, after) == expected
    assert [(each.what, each.before, each.after) for each in table_changes(before, after)] == [
        ("参数 level_1", "350", "380"),
        ("参数 level_3", None, "5%"),
        ("标准", None, "残疾等级 == 2 → 200.5（二）"),
    ]
