import pytest

from core.errors import EXIT_FINDINGS, EXIT_REFUSED, MianshenError, ProfileError, RefusedError, RunError
from core.findings import Code, Finding, Place, Severity, nearest, nearest_help, sort_findings


class Some(Code):
    """Two codes."""

    ONE = "X101"
    TWO = "X102"


def test_a_finding_reads_as_editors_expect() -> None:
    """Place, severity, code, message; the remedy on its own line."""
    finding = Finding(Some.ONE, Place("a.yaml", 14), "unknown attribute `家庭月收人`", "the nearest is `家庭月收入`")

    assert str(finding) == "a.yaml:14: error[X101]: unknown attribute `家庭月收人`\n  help: the nearest is `家庭月收入`"
    assert str(Finding(Some.TWO, Place("b"), "late", severity=Severity.WARNING)) == "b: warning[X102]: late"
    assert (finding.is_error, Finding(Some.TWO, Place("b"), "late", severity=Severity.WARNING).is_error) == (
        True,
        False,
    )


def test_findings_come_in_reading_order() -> None:
    """By file, line, code, message."""
    findings = [
        Finding(Some.TWO, Place("b", 1), "m"),
        Finding(Some.ONE, Place("b", 2), "m"),
        Finding(Some.ONE, Place("b", 1), "n"),
        Finding(Some.ONE, Place("b", 1), "m"),
        Finding(Some.ONE, Place("a", 9), "m"),
        Finding(Some.ONE, Place("b"), "m"),
    ]

    ordered = sort_findings(findings)

    assert [(f.place.path, f.place.line, f.code.value, f.message) for f in ordered] == [
        ("a", 9, "X101", "m"),
        ("b", None, "X101", "m"),
        ("b", 1, "X101", "m"),
        ("b", 1, "X101", "n"),
        ("b", 1, "X102", "m"),
        ("b", 2, "X101", "m"),
    ]
    assert sort_findings(reversed(findings)) == ordered


@pytest.mark.parametrize(
    ("word", "expected"), [("残疾等纪", "残疾等级"), ("titel", "title"), ("完全不同的词", None), ("", None)]
)
def test_nearest(word: str, expected: str | None) -> None:
    """A near word, or none: a far one would mislead."""
    assert nearest(word, ["残疾等级", "残疾类别", "title"]) == expected


def test_nearest_help() -> None:
    """A near word, else the few there are, else nothing."""
    assert nearest_help("titel", ["title", "name"], "key") == "the nearest key is `title`"
    assert nearest_help("zzz", ["title", "name"], "key") == "known: `name`, `title`"
    assert nearest_help("zzz", [f"word{n}" for n in range(13)], "key") is None
    assert nearest_help("zzz", [], "key") is None


def test_errors_carry_their_findings() -> None:
    """In reading order, for programs and for people; the class says who mends them."""
    late = Finding(Some.ONE, Place("b"), "m")
    early = Finding(Some.ONE, Place("a"), "m")
    error = ProfileError([late, early])

    assert error.findings == (early, late)
    assert str(error) == "a: error[X101]: m\nb: error[X101]: m"
    assert isinstance(RunError.one(Some.ONE, "x", "m"), RunError)
    assert MianshenError.one(Some.ONE, Place("x", 2), "m", "h").findings[0].place.line == 2
    assert (error.exit_code, RefusedError([late]).exit_code) == (EXIT_FINDINGS, EXIT_REFUSED)
