"""`mianshen supervision …` and `roles …` as a supervisor types them."""

import json
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from tests.commands.terminal import mianshen
from tests.trial_world import TrialWorld


@pytest.mark.parametrize("command", ["list", "policies", "departments", "points"])
def test_every_list_is_a_table_a_tree_and_a_workbook(district: TrialWorld, tmp_path: Path, command: str) -> None:
    """With the same rows in each."""
    words = ("supervision", command, "-w", district.root, "--on", "2025-10-09")
    table = mianshen(*words, "--xlsx", tmp_path / "list.xlsx")
    tree = json.loads(mianshen(*words, "--json").out)

    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").worksheets[0]
    rows = next(value for key, value in tree.items() if isinstance(value, list) and key != "not_declared")
    assert (table.code, table.err) == (EXIT_DONE, "")
    assert sheet.max_row == len(rows) + 1
    assert sheet.title in table.out
    assert tree["format_version"] == 1


def test_who_the_points_are_about_is_written_by_id(own_district: Path, tmp_path: Path) -> None:
    """A CSV of opaque ids, and an entry in the chain."""
    said = mianshen("supervision", "points", "-w", own_district, "--on", "2025-10-09", "--out", tmp_path / "who.csv")

    lines = (tmp_path / "who.csv").read_text("utf-8").splitlines()
    assert said.code == EXIT_DONE
    assert lines[0] == "point,subject_id,period,paid_fen"
    assert all(line.split(",")[1].startswith("s_") for line in lines[1:])
    assert "facts.read" in mianshen("audit", "list", "-w", own_district, "--last", 1).out


def test_a_slip_in_the_city_s_table_is_told_with_its_place(own_district: Path) -> None:
    """And the list is not half made."""
    (own_district / "supervision" / "limits.yaml").write_text("near: 2\ndays: {cases: 3}\n", "utf-8")

    said = mianshen("supervision", "list", "-w", own_district)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert "error[E663]: nothing is called `cases`" in said.err


def test_roles_are_given_shown_and_taken(own_district: Path) -> None:
    """Open, it is said so; required, only an operator gives them, and everybody acts in their own name."""
    settings = own_district / "workspace.toml"
    first = mianshen("roles", "grant", "zhang", "operator", "--reason", "first", "--by", "zhang", "-w", own_district)
    listed = mianshen("roles", "list", "-w", own_district)
    settings.write_text(settings.read_text("utf-8").replace('roles = "open"', 'roles = "required"'), "utf-8")
    refused = mianshen("roles", "grant", "li", "auditor", "--reason", "x", "--by", "zhang", "-w", own_district)
    lacking = mianshen("run", "-w", own_district, "--as-of", "2025-10-09")

    assert (first.code, "warning[E662]" in first.err) == (EXIT_DONE, True)
    assert "zhang" in listed.out
    assert (refused.code, lacking.code) == (EXIT_REFUSED, EXIT_REFUSED)
    assert "E657" in refused.err
    assert "E656" in lacking.err
    assert "2 条" not in mianshen("audit", "verify", "-w", own_district).err
