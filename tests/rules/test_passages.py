from rules.codes import RuleCode
from rules.passages import Faults, Script

TEXT = """\
a: 1
b:
  - when: >
      long
      text
  - {when: short}
"""


def test_a_place_is_where_the_value_stands() -> None:
    """In a block the first line of the text counts, in a flow the line of the value."""
    script = Script("rule", TEXT)

    assert str(script.place("a")) == "rule:1"
    assert str(script.place("b", 0, "when")) == "rule:4"
    assert str(script.place("b", 1, "when")) == "rule:6"


def test_what_is_not_there_stands_at_what_holds_it() -> None:
    """A key that is missing is reported at the mapping that lacks it."""
    script = Script("rule", TEXT)

    assert str(script.place("b", 1, "label")) == "rule:6"
    assert str(script.place("c")) == "rule:1"
    assert str(Script("rule", "").place("c")) == "rule:1"


def test_faults_are_errors_unless_they_warn() -> None:
    """A warning lets the author go on."""
    faults = Faults(Script("rule", TEXT))
    faults.add(RuleCode.BAD_TERMS, "wrong", "a")
    faults.add(RuleCode.UNUSED_PARAMETER, "idle", "a", warn=True)

    assert [finding.is_error for finding in faults.findings] == [True, False]
