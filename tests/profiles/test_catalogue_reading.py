# ruff: noqa: E501  # one case per line reads as a table
import shutil
from pathlib import Path

import pytest

from core.errors import ProfileError
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue

BASE = Path(__file__).parents[1] / "gallery" / "catalogue"
LIBRARY = Path(__file__).parents[2] / "rules" / "library" / "catalogue"

CARD = "{resource: cards, pick: any}"
LEVEL = "{resource: cards, column: 残疾等级}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small catalogue in which nothing is wrong."""
    return shutil.copytree(BASE, tmp_path / "catalogue")


def faults(folder: Path) -> list[tuple[str, str]]:
    """Return the codes of the findings and what they say."""
    with pytest.raises(ProfileError) as error:
        read_catalogue(folder)
    return [(finding.code.value, finding.message) for finding in error.value.findings]


def with_attribute(folder: Path, text: str) -> None:
    """Add an attribute about persons; `text` is the rest of its mapping."""
    head = "attributes:\n  - {code: new, label: 新, subject: person, sensitivity: 1, "
    (folder / "attributes" / "new.yaml").write_text(head + text + "}\n", "utf-8")


def with_column(folder: Path, resource: str, column: str, *, old: str = "columns:", new: str = "columns:") -> None:
    """Add a column to a resource, and change one of its lines."""
    path = folder / "resources" / f"{resource}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new) + (f"  - {column}\n" if column else ""), "utf-8")


def test_a_catalogue(folder: Path) -> None:
    """Everything by its code; attributes also by their label."""
    catalogue = read_catalogue(folder)

    assert list(catalogue.kinds) == ["person", "household"]
    assert set(catalogue.resources) == {"cards", "deaths", "dibao", "members"}
    assert list(catalogue.relations) == ["members"]
    assert catalogue.attribute_named("低保") is catalogue.attribute_named("dibao") is catalogue.attributes["dibao"]
    assert catalogue.attribute_named("低保户") is None


RELATIONS = [
    ("{code: r, label: 关, subject: person, other: person}", "`r`: expected a `resource`, or `steps`, or a `resource` with `column` and `by`"),
    ("{code: r, label: 关, subject: household, other: person, steps: [member]}", "unknown relation `member`"),
    ("{code: r, label: 关, subject: person, other: person, steps: [members]}", "the step `members` starts from a `household`, the one before it ends at a `person`"),
    ("{code: r, label: 关, subject: household, other: household, steps: [members]}", "the steps of `r` end at a `person`, not at a `household`"),
    ("{code: r, label: 关, subject: person, other: person, resource: cards, by: dibao, column: 区划}", "`by`: expected a `region` about a `person`, found `dibao`"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "expected"), RELATIONS)
def test_a_relation_has_one_form(folder: Path, declared: str, expected: str) -> None:
    """From rows, in steps that fit each other, or by the region of a subject."""
    path = folder / "relations.yaml"
    path.write_text(path.read_text("utf-8") + f"  - {declared}\n", "utf-8")

    assert expected in [message for _, message in faults(folder)]


VIAS = [
    ("{relation: members, pick: any, where: {dibao: true}}", "bool", None),
    ("{relation: members, pick: all, attribute: dibao}", "bool", None),
    ("{relation: members, pick: count, where: {dibao: true}}", "integer", None),
    ("{relation: members, pick: any}", "bool", "`attribute` is left out for `count`, and only for it"),
    ("{relation: members, pick: all, where: {dibao: true}}", "integer", "`pick: all` gives the type `bool`, `new` has `integer`"),
    ("{relation: members, pick: any, where: {dibao: 3}}", "bool", "`where`: `dibao`: expected true or false, found `3`"),
    ("{relation: members, pick: any, where: {dibau: true}}", "bool", "`where`: unknown attribute `dibau`"),
    ("{relation: members, pick: rank, attribute: dibao}", "integer", "`members` leads from a `household` to a `person`: they have no common order"),
]  # fmt: skip


@pytest.mark.parametrize(("via", "type_", "expected"), VIAS)
def test_whom_a_pick_counts(folder: Path, via: str, type_: str, expected: str | None) -> None:
    """`where` looks at the facts of those related; `any`, `all` and `count` may do with that alone."""
    head = "attributes:\n  - {code: new, label: 新, subject: household, sensitivity: 1, when_absent: unknown, "
    (folder / "attributes" / "new.yaml").write_text(f"{head}type: {type_}, via: {via}}}\n", "utf-8")

    if expected is None:
        assert read_catalogue(folder).attributes["new"].via
    else:
        assert expected in [message for _, message in faults(folder)]


COPIES = [
    ("{name: 又, type: region, same_as: 残疾等级}", None),
    ("{name: 又, type: text, same_as: 身份证}", "`又` repeats the unknown column `身份证`"),
    ("{name: 又, type: text, same_as: 公民身份号码}", "`又` would bring `公民身份号码`, which stays in the vault, into frames"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "expected"), COPIES)
def test_a_column_may_repeat_another(folder: Path, column: str, expected: str | None) -> None:
    """Only what may stand in a frame; a number of somebody may not."""
    with_column(folder, "cards", column)

    if expected is None:
        assert read_catalogue(folder).resources["cards"].columns[-1].same_as == "残疾等级"
    else:
        assert expected in [message for _, message in faults(folder)]


OWNED = """
kinds:
  - {{code: person, label: 自然人, number: citizen_id}}
  - {{code: household, label: 户, number: household_no{0}}}
  - {{code: claim, label: 理赔, number: record_key{1}}}
"""


@pytest.mark.parametrize(
    ("household", "claim", "expected"),
    [
        ("", ", of: borrower", ("P107", "unknown relation `borrower`")),
        ("", ", of: members", ("P116", "`members` starts from a `household`, not from a `claim`")),
        ("", "", None),
    ],
)
def test_a_kind_belongs_to_its_owner_over_a_relation(
    folder: Path, household: str, claim: str, expected: tuple[str, str] | None
) -> None:
    """`of` names a relation that starts from the kind."""
    (folder / "subjects.yaml").write_text(OWNED.format(household, claim), "utf-8")

    if expected is None:
        assert read_catalogue(folder).kinds["claim"].of is None
    else:
        assert faults(folder) == [expected]


def test_the_shipped_catalogue() -> None:
    """What is shipped is right."""
    assert isinstance(read_catalogue(LIBRARY), Catalogue)


class TestFingerprint:
    """What a catalogue says, not how it is written."""

    def test_form_does_not_matter(self, folder: Path) -> None:
        """Comments, names of files, their division, and the order of keys."""
        before = read_catalogue(folder).fingerprint
        (folder / "resources" / "dibao.yaml").rename(folder / "resources" / "a.yaml")
        (folder / "resources" / "below").mkdir()
        (folder / "resources" / "cards.yaml").rename(folder / "resources" / "below" / "z.yaml")
        text = (folder / "attributes" / "person.yaml").read_text("utf-8").replace("    label: 低保\n", "")
        (folder / "attributes" / "person.yaml").write_text(f"# a comment\n\n{text}    label: 低保\n", "utf-8")

        assert read_catalogue(folder).fingerprint == before

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("attributes/person.yaml", "when_absent: false", "when_absent: unknown"),
            ("attributes/person.yaml", "sensitivity: 3", "sensitivity: 4"),
            ("resources/dibao.yaml", "fresh_days: 40", "fresh_days: 41"),
            ("resources/cards.yaml", "[视力, 听力, 肢体]", "[视力, 肢体, 听力]"),
            ("relations.yaml", "label: 家庭成员", "label: 成员"),
            ("subjects.yaml", "label: 个人", "label: 居民"),
        ],
    )
    def test_content_matters(self, folder: Path, file: str, old: str, new: str) -> None:
        """Whatever an answer may depend on, or a page show."""
        before = read_catalogue(folder).fingerprint
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), "utf-8")

        assert read_catalogue(folder).fingerprint != before


class TestFiles:
    """What must be there."""

    def test_faults_of_all_files_come_at_once(self, folder: Path) -> None:
        """Those in the form of files first: what they say is asked when they can be read."""
        for name in ("resources/dibao.yaml", "attributes/person.yaml"):
            path = folder / name
            path.write_text(path.read_text("utf-8") + "nonsense: 1\n", "utf-8")
        with_attribute(folder, "type: bool, sources: [{resource: none, pick: any}]")

        assert [code for code, _ in faults(folder)] == ["Y106", "Y106"]

    def test_no_resources(self, folder: Path) -> None:
        """A catalogue without resources is a wrong folder."""
        shutil.rmtree(folder / "resources")

        assert faults(folder) == [("P101", "there is no resource")]

    def test_relations_may_be_missing(self, folder: Path) -> None:
        """Where nobody is related, nothing need be said."""
        (folder / "relations.yaml").unlink()

        assert read_catalogue(folder).relations == {}

    def test_one_code_in_two_files(self, folder: Path) -> None:
        """The other place is told; the first keeps the name."""
        shutil.copy(folder / "resources" / "dibao.yaml", folder / "resources" / "copy.yaml")

        found = faults(folder)
        assert found == [("P102", "`dibao` names two resources"), ("P102", "`低保名单` names two resources")]


class TestNames:
    """Codes and labels of attributes stand in rules."""

    @pytest.mark.parametrize("label", ["新", "残疾等级2", "_x", "月收入_元", "Ⅱ级".replace("Ⅱ", "二")])
    def test_good(self, folder: Path, label: str) -> None:
        """Letters, Chinese characters, digits after the first sign."""
        with_attribute(folder, f"type: bool, sources: [{CARD}]".replace("新", label))

        assert "new" in read_catalogue(folder).attributes

    @pytest.mark.parametrize(
        ("label", "message"),
        [
            ("60岁以上", "the label `60岁以上` cannot stand in a rule"),
            ("月收入(元)", "the label `月收入(元)` cannot stand in a rule"),
            ("is not", "the label `is not` cannot stand in a rule"),
            ("not", "the label `not` is a word of the rule language"),
            ("within", "the label `within` is a word of the rule language"),
            ("\uff21级", "the label `\uff21级` has full-width letters"),
            ("低保", "`低保` names two attributes"),
            ("dibao", "`dibao` names two attributes"),
        ],
    )
    def test_bad(self, folder: Path, label: str, message: str) -> None:
        """What no rule could name, or would name something else."""
        text = f"attributes:\n  - {{code: new, label: '{label}', subject: person, sensitivity: 1, type: bool, sources: [{CARD}]}}\n"
        (folder / "attributes" / "new.yaml").write_text(text, "utf-8")

        assert message in [said for _, said in faults(folder)]

    def test_a_resource_is_a_folder(self, folder: Path) -> None:
        """Its loads stand under its code; its label may hold anything."""
        with_column(folder, "dibao", "", old="resource: dibao", new="resource: ../dibao")

        assert ("P103", "the code `../dibao` of this resource cannot be a file name") in faults(folder)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"type: bool, sources: [{CARD}], via: {{relation: members, pick: count}}", ("P112", "`new`: expected exactly one of `sources`, `via` and `outcome_of`")),
        ("type: bool", ("P112", "`new`: expected exactly one of `sources`, `via` and `outcome_of`")),
        ("type: bool, sources: [{resource: cards, pick: any, column: 残疾等级}]", ("P112", "`pick: any` reads no column")),
        ("type: text, sources: [{resource: cards, pick: any}]", ("P113", "`pick: any` gives the type `bool`, `new` has `text`")),
        ("type: bool, sources: [{resource: cards, pick: count}]", ("P113", "`pick: count` gives the type `integer`, `new` has `bool`")),
        ("type: text, sources: [{resource: cards, column: 残疾类别, pick: max}]", ("P113", "`pick: max` does not go with the type `text` of `new`")),
        ("type: date, sources: [{resource: cards, column: 发证日期, pick: sum}]", ("P113", "`pick: sum` does not go with the type `date` of `new`")),
        ("type: decimal, scale: 2, sources: [{resource: cards, column: 残疾等级}]", ("P113", "`残疾等级` has the type `integer`, `new` has `decimal with scale 2`")),
        ("type: bool, sources: [{resource: cards, pick: any, window: {days: 30}}]", ("P113", "a window goes with events, `cards` is of the kind `spell`")),
        ("type: bool, sources: [{resource: deaths, pick: any, window: {days: 30, months: 1}}]", ("P117", "a window has either `days` or `months`, 1 or more")),
        ("type: bool, sources: [{resource: deaths, pick: any, window: {days: 0}}]", ("P117", "a window has either `days` or `months`, 1 or more")),
        ("type: bool, sources: [{resource: cards, column: 公民身份号码}]", ("P111", "the column `公民身份号码` stays in the vault; no attribute can be drawn from it")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {公民身份号码: x}}]", ("P111", "`where`: the column `公民身份号码` stays in the vault")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {类别: x}}]", ("P106", "`where`: `cards` has no column `类别`")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {残疾等级: 一}}]", ("P115", "`where`: `残疾等级`: expected a whole number, found `一`")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {残疾等级: true}}]", ("P115", "`where`: `残疾等级`: expected a whole number, found `true`")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {残疾类别: {at_least: 1}}}]", ("P115", "`where`: `残疾类别` has the type `text`, which has no order")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {残疾等级: {at_most: 1.5}}}]", ("P115", "`where`: `残疾等级`: expected a whole number, found `1.5`")),
        ("type: bool, sources: [{resource: cards, pick: any, where: {残疾等级: {}}}]", ("P115", "`where`: `残疾等级` has an empty condition")),
        ("type: text, values: [盲], sources: [{resource: cards, column: 残疾类别, values: {视力: 盲, 听力: 聋}}]", ("P115", "`values`: `听力`: `聋` is not among its `values`")),
        ("type: text, values: [视力, 听力], sources: [{resource: cards, column: 残疾类别}]", ("P115", "the column may hold `肢体`, which is not among the `values` of `new`")),
        ("type: text, sources: [{resource: cards, column: 残疾类别, values: {视觉: 盲}}]", ("P115", "`values`: the column `残疾类别` never holds `视觉`")),
        ("type: bool, values: [a], sources: [{resource: cards, pick: any}]", ("P115", "`new`: only a text has `values`")),
        ("type: bool, scale: 1, sources: [{resource: cards, pick: any}]", ("P117", "`new`: only a decimal has a scale")),
        (f"type: bool, max_age_days: 0, sources: [{CARD}]", ("P117", "`new`: `max_age_days`: expected 1 or more")),
        (f"type: bool, when_absent: 0, sources: [{CARD}]", ("P114", "`new`: `when_absent`: expected true or false, found `0`")),
        (f"type: bool, when_absent: null, sources: [{CARD}]", ("P114", "`new`: `when_absent`: expected true or false, found `null`")),
        (f"type: integer, when_absent: 1.5, sources: [{LEVEL}]", ("P114", "`new`: `when_absent`: expected a whole number, found `1.5`")),
        ("type: money, when_absent: 0.001, sources: [{resource: dibao, column: 保障金额}]", ("P114", "`new`: `when_absent`: expected yuan with at most two decimals, found `0.001`")),
        ("type: integer, via: {relation: members, pick: count}", ("P116", "`members` starts from a `household`, `new` is about a `person`")),
    ],
)  # fmt: skip
def test_attributes(folder: Path, text: str, fault: tuple[str, str]) -> None:
    """What cannot give the fact that is promised."""
    with_attribute(folder, text)

    assert fault in faults(folder)


@pytest.mark.parametrize(
    "text",
    [
        f"type: bool, when_absent: false, sources: [{CARD}]",
        f"type: integer, when_absent: 0, sources: [{LEVEL}]",
        "type: money, when_absent: 0.05, sources: [{resource: dibao, column: 保障金额, pick: sum}]",
        "type: date, sources: [{resource: cards, column: 有效期至, pick: max}]",
        "type: date, sources: [{resource: deaths, column: 火化日期, pick: first, window: {months: 12}}], lasting: true",
        "type: bool, sources: [{resource: cards, column: 残疾类别, values: {视力: true, 听力: false, 肢体: null}}]",
        "type: text, values: [盲, 听力, 肢体], sources: [{resource: cards, column: 残疾类别, values: {视力: 盲}}]",
        "type: integer, sources: [{resource: cards, pick: count, where: {残疾等级: [1, 2], 残疾类别: {none_of: [肢体]}}}]",
        "type: integer, sources: [{resource: cards, pick: count, where: {发证日期: {at_least: 2025-01-01}}}]",
    ],
)
def test_attributes_that_are_right(folder: Path, text: str) -> None:
    """The ways of drawing a fact."""
    with_attribute(folder, text)

    assert "new" in read_catalogue(folder).attributes


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ("{name: 保障金额, type: money}", ("P102", "`保障金额` names two columns")),
        ("{name: 甲, type: citizen_id, role: subject}", ("P102", "two columns have the role `subject`")),
        ("{name: subject_id, type: text}", ("P103", "a column cannot be called `subject_id`")),
        ("{name: ' 甲', type: text}", ("P103", "a column cannot be called ` 甲`")),
        ("{name: 甲, type: uscc}", ("P111", "`甲` would bring numbers of subjects into frames")),
        ("{name: 甲, type: text, role: former}", ("P110", "`甲` has the role `former`: expected the type `citizen_id`, found `text`")),
        ("{name: 甲, type: citizen_id, role: other}", ("P110", "`甲` has the role `other`, but the resource does not say of which kind")),
        ("{name: 甲, type: integer, role: name}", ("P110", "`甲` has the role `name`: expected the type `text`, found `integer`")),
        ("{name: 甲, type: text, role: operation}", ("P110", "the role `operation` does not go with full deliveries")),
        ("{name: 甲, type: date, role: valid_from}", ("P110", "the role `valid_from` does not go with the kind `snapshot`")),
        ("{name: 甲, type: integer, scale: 2}", ("P117", "`甲`: only a decimal has a scale")),
        ("{name: 甲, type: decimal, scale: 10}", ("P117", "`甲`: expected a scale of 0 to 9")),
        ("{name: 甲, type: integer, values: [一]}", ("P115", "`甲`: only a text has `values`")),
        ("{name: 甲, type: text, values: [一, 一]}", ("P115", "`甲`: one of its `values` stands twice")),
        ("{name: 甲, type: text, at_least: 1}", ("P115", "`甲`: `at_least` goes with numbers only")),
        ("{name: 甲, type: integer, at_most: 1.5}", ("P115", "`甲`: `at_most`: expected a whole number, found `1.5`")),
        ("{name: 甲, type: integer, at_least: 2, at_most: 1}", ("P117", "`甲`: `at_least` is above `at_most`")),
    ],
)  # fmt: skip
def test_columns(folder: Path, column: str, fault: tuple[str, str]) -> None:
    """What cannot be a column."""
    with_column(folder, "dibao", column)

    assert fault in faults(folder)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("subject: person", "subject: people", ("P104", "`subject` names the unknown kind `people`")),
        ("subject: person", "subject: person\nother: home", ("P104", "`other` names the unknown kind `home`")),
        ("subject: person", "subject: person\nother: household", ("P109", "`dibao` has no column with the role `other`")),
        ("kind: snapshot", "kind: event", ("P109", "`dibao` has no column with the role `day`")),
        ("kind: snapshot", "kind: snapshot\ndelivery: increment", ("P110", "a snapshot cannot come in increments")),
        ("kind: snapshot", "kind: spell\ndelivery: increment", ("P109", "`dibao` has no column with the role `row_key`")),
        ("fresh_days: 40", "fresh_days: 40\ndrop_most_percent: 101", ("P117", "`drop_most_percent`: expected 0 to 100, found `101`")),
        ("fresh_days: 40", "fresh_days: 40\nrows_least: -1", ("P117", "`rows_least`: expected 0 or more, found `-1`")),
        ("fresh_days: 40", "fresh_days: 40\nregions: {column: 区}", ("P106", "`regions` names the unknown column `区`")),
        ("fresh_days: 40", "fresh_days: 40\nregions: {column: 保障金额}", ("P106", "`regions` names the column `保障金额`, which is not of type `region`")),
        ("fresh_days: 40", "fresh_days: 40\nregions: {expects: [青浦]}", ("P115", "`regions`: expected the digits of a region code, found `青浦`")),
        ("role: subject}", "role: subject, optional: true}", ("P110", "the number of the subject cannot be optional")),
    ],
)  # fmt: skip
def test_resources(folder: Path, old: str, new: str, fault: tuple[str, str]) -> None:
    """What cannot be a resource."""
    with_column(folder, "dibao", "", old=old, new=new)

    assert fault in faults(folder)


def test_the_row_key_of_an_increment_is_needed(folder: Path) -> None:
    """Nobody could tell which row is changed."""
    with_column(folder, "deaths", "", old="kind: event", new="kind: event\ndelivery: increment")

    assert faults(folder) == [("P110", "the row key of an increment cannot be optional")]


@pytest.mark.parametrize(
    ("relation", "fault"),
    [
        ("subject: persons, other: household, resource: members", ("P104", "`subject` names the unknown kind `persons`")),
        ("subject: household, other: person, resource: member", ("P105", "unknown resource `member`")),
        ("subject: person, other: household, resource: members", ("P116", "`members` leads from `household` to `person`")),
        ("subject: household, other: person, resource: members, reverse: true", ("P116", "`members` leads from `household` to `person`")),
        ("subject: person, other: person, resource: dibao", ("P116", "`dibao` leads from `person` to `nothing`")),
        ("subject: household, other: person, resource: members, where: {关系: 子}", ("P106", "`where`: `members` has no column `关系`")),
    ],
)  # fmt: skip
def test_relations(folder: Path, relation: str, fault: tuple[str, str]) -> None:
    """What leads nowhere."""
    (folder / "relations.yaml").write_text(f"relations:\n  - {{code: r, label: 关系, {relation}}}\n", "utf-8")

    assert fault in faults(folder)


@pytest.mark.parametrize(
    ("via", "type_", "fault"),
    [
        ("{relation: members, attribute: dibao, pick: count}", "integer", ("P112", "`attribute` is left out for `count`, and only for it")),
        ("{relation: members, pick: any}", "bool", ("P112", "`attribute` is left out for `count`, and only for it")),
        ("{relation: members, pick: count}", "bool", ("P113", "`pick: count` gives the type `integer`, `size` has `bool`")),
        ("{relation: members, attribute: dibao, pick: any}", "text", ("P113", "`dibao` has the type `bool`, `size` has `text`")),
        ("{relation: members, attribute: dibao, pick: sum}", "bool", ("P113", "`pick: sum` does not go with the type `bool` of `size`")),
        ("{relation: members, attribute: level, pick: any}", "integer", ("P113", "`pick: any` goes with the type `bool`")),
        ("{relation: members, attribute: other, pick: any}", "bool", ("P116", "`members` leads to a `person`, `other` is about a `household`")),
    ],
)  # fmt: skip
def test_facts_of_related_subjects(folder: Path, via: str, type_: str, fault: tuple[str, str]) -> None:
    """What cannot be told of others."""
    lines = [
        f"{{code: size, label: 人数, subject: household, type: {type_}, sensitivity: 1, via: {via}}}",
        f"{{code: level, label: 等级, subject: person, type: integer, sensitivity: 1, sources: [{LEVEL}]}}",
        "{code: other, label: 在册, subject: household, type: bool, sensitivity: 1, sources: [{resource: members, pick: any}]}",
    ]
    (folder / "attributes" / "new.yaml").write_text(
        "attributes:\n" + "".join(f"  - {line}\n" for line in lines), "utf-8"
    )

    assert fault in faults(folder)


def test_a_circle_is_told_once(folder: Path) -> None:
    """However many attributes are in it or lead to it."""
    relations = [
        "{code: members, label: 成员, subject: household, other: person, resource: members}",
        "{code: homes, label: 家, subject: person, other: household, resource: members, reverse: true}",
    ]
    attributes = [
        "{code: b, label: 乙, subject: household, type: bool, sensitivity: 1, via: {relation: members, attribute: a, pick: any}}",
        "{code: a, label: 甲, subject: person, type: bool, sensitivity: 1, via: {relation: homes, attribute: b, pick: any}}",
        "{code: c, label: 丙, subject: household, type: bool, sensitivity: 1, via: {relation: members, attribute: a, pick: any}}",
    ]
    (folder / "relations.yaml").write_text("relations:\n" + "".join(f"  - {line}\n" for line in relations), "utf-8")
    (folder / "attributes" / "new.yaml").write_text(
        "attributes:\n" + "".join(f"  - {line}\n" for line in attributes), "utf-8"
    )

    assert faults(folder) == [("P118", "drawn from itself: `a` ← `b` ← `a`")]
