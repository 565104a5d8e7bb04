"""A plan file reads back as it was written, and shows whether anybody wrote in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RunError
from engine.planning.plan_file import PlanFile, parse_plan, plan_text, read_plan, write_plan
from tests.engine.plan_samples import a_plan


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """What is approved is what was planned."""
    write_plan(a_plan(), tmp_path / "p.json")

    assert read_plan(tmp_path / "p.json") == a_plan()


def test_the_same_plan_gives_the_same_bytes() -> None:
    """A plan can be compared by its file."""
    assert plan_text(a_plan()) == plan_text(a_plan())


@pytest.mark.parametrize("key", sorted(PlanFile.model_fields.keys() - {"kind", "format_version"}))
def test_nothing_in_it_can_be_changed_unseen(key: str) -> None:
    """The digest covers every field."""
    other: dict[str, Any] = {"made_by": "x", "known_at": "2025-07-02T00:00:00Z", "day": "2025-07-02", "months": 3}
    tree = json.loads(plan_text(a_plan()))
    changed = json.dumps(tree | {key: other.get(key, [] if isinstance(tree[key], list) else {})})

    with pytest.raises(RunError, match="E503"):
        parse_plan(changed, "p.json")


def test_what_moved_is_named() -> None:
    """A refusal can say what is another than it was, what is gone and what is new."""
    moved = a_plan().moved_since({"day": "2025-07-02", "rule care 3": "n"})

    assert moved == {
        "day": ("2025-07-01", "2025-07-02"),
        "rule care 1": ("e", None),
        "rule care 3": (None, "n"),
    }


@given(st.text() | st.recursive(st.none() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_no_file_is_read_that_is_no_plan(written: object) -> None:
    """Whatever stands in a file, it is a finding and never a traceback."""
    text = written if isinstance(written, str) else json.dumps(written)

    with pytest.raises(RunError):
        parse_plan(text, "p.json")


def test_a_folder_that_may_not_be_written_is_a_finding(tmp_path: Path) -> None:
    """The officer is told, and nothing stands beside."""
    with pytest.raises(RunError, match="E007"):
        write_plan(a_plan(), tmp_path / "none" / "p.json")

    assert list(tmp_path.iterdir()) == []
