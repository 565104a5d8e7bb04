"""Provokes the faults of what officers do with rule files: cases as examples, tables, new files."""

from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types

from core.errors import MianshenError
from engine.authoring.casework import add_case, work_case
from engine.authoring.drafts import NewPolicy, draft_file, new_policy, next_draft, save_draft
from engine.authoring.rule_files import put_new, put_text
from engine.authoring.table_exchange import export_version, import_tables
from tests.world import World, day


def casework(folder: Path, case: dict[str, Any]) -> str:
    """Turn `a`, with a card, into an example of the published rule `care`; or somebody else, of another `kind`."""
    world = World.at(folder / "w")
    try:
        if case.get("subject") == "firm":
            kinds = world.deployment.workspace.catalogue / "subjects.yaml"
            kinds.write_text(f"{kinds.read_text('utf-8')}  - {{code: firm, label: 企业, number: uscc}}\n", "utf-8")
        world.people("a", 出生=case.get("born", "1970-01-01"))
        world.rule(criteria=case.get("criteria", "有证"), example=case.get("example", "{有证: true}"))
        text = world.published_text()
        if case.get("subject") == "firm":
            text = text.replace("subject: person", "subject: firm").replace(
                "when: '有证'", 'when: day() > d"2000-01-01"'
            )
        (world.deployment.workspace.policies / "care.yaml").write_text(text, "utf-8")
        made = work_case(
            world.deployment, world.number("a"), "care", on=day(case.get("on", "2025-01-31")), name=None, by="officer"
        )
        if case.get("adds", False):
            add_case(world.deployment, made)
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


def rule_file(folder: Path, case: dict[str, Any]) -> str:
    """Write `text` where a file is: over what it was `before`, or as a new one, `below` it or in its place."""
    path = folder / "1.yaml"
    path.write_text(case["text"], "utf-8")
    try:
        if "before" in case:
            put_text(path, case["text"], before=case["before"])
        else:
            put_new(path / "1.yaml" if case.get("below", False) else path, b"version: 1\n")
    except MianshenError as error:
        return str(error)
    return ""


def draft(folder: Path, case: dict[str, Any]) -> str:
    """Begin the next version of the published rule `care` and save another `version` in its place; or a new `policy`."""
    world = World.at(folder / "w")
    try:
        world.rule()
        if "policy" in case:
            new_policy(world.deployment, NewPolicy(case["policy"], "照料", "1", "民政局", "care"), by="officer")
        else:
            number = next_draft(world.deployment, "care", by="officer")
            begun = draft_file(world.deployment, "care", number)
            text = begun.text.replace(f"version: {number}", f"version: {case['version']}")
            save_draft(world.deployment, begun, text, by="officer")
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


def tables(folder: Path, case: dict[str, Any]) -> str:
    """Export the tables of `care`, spoil what came out or the file they are of, and import them again."""
    world = World.at(folder / "w")
    try:
        world.rule()
        file = world.deployment.workspace.policies / "care.yaml"
        parameters = "parameters: {paid: 150, area: '\"0118\"', account: 6, limit: 5%}\ncriteria:"
        file.write_text(world.published_text().replace("criteria:", parameters, 1), "utf-8")
        book = folder / case.get("to", "care.xlsx")
        export_version(world.deployment, "care", None, book)
        if "text" in case:
            book.write_text(case["text"], "utf-8")
        elif "replace" in case:
            file.write_text(file.read_text("utf-8").replace(*case["replace"]), "utf-8")
        else:
            spoil(book, case)
        import_tables(world.deployment, book, None)
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


def spoil(path: Path, case: dict[str, Any]) -> None:
    """Write `cells` into a workbook, `merge` some, and add a `sheet`."""
    book = openpyxl.load_workbook(path)
    for place, value in case.get("cells", {}).items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell] = value
    if "merge" in case:
        sheet, _, cells = case["merge"].partition("!")
        book[sheet].merge_cells(cells)
    if "sheet" in case:
        book.create_sheet(case["sheet"])
    book.save(path)


PROBES = {"casework": casework, "draft": draft, "rule_file": rule_file, "tables": tables}
