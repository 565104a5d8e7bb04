"""Provokes the faults of nights, explanations, prepared matches, publishing and the demonstration."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from core.clock import civil_instant
from core.errors import MianshenError
from engine.demo import run_demo
from engine.explaining.explain import explain_subject
from engine.lifecycle.publishing import chosen_versions
from engine.prepared import match_file, read_match
from engine.report import NightReport
from engine.run import NightOptions, run_night
from engine.spark.cluster import Cluster, check_installed, check_master, job_failure
from tests.world import World, day


def night(folder: Path, case: dict[str, Any]) -> str:
    """Run nights: `guard` of the rule, if one is published; `cards` holders known by each of the nights.

    Each runs on the evening of its date; with `is_ahead`, before it.
    """
    world = World.at(folder / "w")
    try:
        if "guard" in case:
            world.people("abc")
            world.rule(guard=case["guard"])
        nights = case.get("cards", {"2025-01-31": ""})
        hour = 22 - 24 * case.get("is_ahead", 0)
        return "\n".join(_night(world, date, holders, hour) for date, holders in nights.items()).strip()
    finally:
        world.store.close()


def _night(world: World, date: str, holders: str, hour: int) -> str:
    if holders:
        usual = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
        world.deliver("cards", [{"who": who, **usual} for who in holders], on=date)
    reports: list[NightReport] = []
    world.clock.instant = civil_instant(day(date)) + dt.timedelta(hours=hour)
    said = _said(
        lambda: reports.append(run_night(world.deployment, day(date), options=NightOptions(), progress=_quiet))
    )
    guards = [str(finding) for report in reports for finding in report.findings if finding.code.startswith("E4")]
    return "\n".join([said, *guards]).strip()


def circle(folder: Path, case: dict[str, Any]) -> str:
    """Publish a rule that reads the outcome of a policy, `outcome_of`: its own."""
    drawn = f"outcome_of: {case['outcome_of']}, when_absent: unknown"
    files = {
        "attributes/outcome.yaml": "attributes:\n"
        f"  - {{code: again, label: 再次, subject: person, type: bool, sensitivity: 2, {drawn}}}\n"
    }
    world = World.at(folder / "w", files)
    try:
        world.people("a")

        def published() -> None:
            world.rule(criteria="再次", example="{再次: true}")
            world.night("2025-01-31")

        return _said(published)
    finally:
        world.store.close()


def ask(folder: Path, case: dict[str, Any]) -> str:
    """Explain `subject` under `policy`; a letter stands for a known person's number."""
    world = World.at(folder / "w")
    try:
        world.people("a")
        world.rule()
        subject = world.number("a") if case["subject"] == "a" else str(case["subject"])
        return _said(lambda: explain_subject(world.deployment, subject, case.get("policy"), day("2025-01-31")))
    finally:
        world.store.close()


def prepared(folder: Path, case: dict[str, Any]) -> str:
    """Match a frame with the columns `columns`, or one that is no Parquet, against a rule that reads a card."""
    world = World.at(folder / "w")
    path = folder / "profiles.parquet"
    try:
        if case.get("is_text", False):
            path.write_text("subject_id,card\n", "utf-8")
        else:
            pl.DataFrame({name: [value] for name, value in case["columns"].items()}).write_parquet(path)
        (folder / "policies").mkdir()
        world.rule()
        text = world.published_text()
        (folder / "policies" / "care.yaml").write_text(text, "utf-8")
        catalogue = world.deployment.workspace.catalogue
        out = folder / "out.parquet"
        match = read_match(catalogue, folder / "policies", day("2025-01-31"))
        return _said(lambda: match_file(path, match, out=out))
    finally:
        world.store.close()


def spark(folder: Path, case: dict[str, Any]) -> str:
    """Ask for a cluster at `master`, from a machine that has Spark, with or without `has_java`, whose job `told` something."""

    def asked() -> None:
        check_installed(has_pyspark=True, java="java" if case.get("has_java", True) else None)
        check_master(case["master"])
        raise job_failure(Cluster(case["master"]), case["told"])

    return _said(asked)


def choosing(folder: Path, case: dict[str, Any]) -> str:
    """Choose `version` of `policy` from files, of which there is `care` 1."""
    world = World.at(folder / "w")
    try:
        world.rule()
        (world.deployment.workspace.policies / "care.yaml").write_text(world.published_text(), "utf-8")
        return _said(lambda: chosen_versions(world.deployment, case["policy"], case.get("version")))
    finally:
        world.store.close()


def demonstration(folder: Path, case: dict[str, Any]) -> str:
    """Make a demonstration where a file named `file` stands."""
    place = folder / "letters"
    place.mkdir()
    (place / str(case["file"])).write_text("mine", "utf-8")
    return _said(lambda: run_demo(place, people=300, enterprises=40, seed=1, said=_quiet))


def _said(call: Callable[[], object]) -> str:
    """Return what the call complained of, or nothing."""
    try:
        call()
    except MianshenError as error:
        return str(error)
    return ""


def _quiet(_: str) -> None:
    """Let progress go unsaid."""


PROBES = {
    "night": night,
    "ask": ask,
    "circle": circle,
    "prepared": prepared,
    "spark": spark,
    "choosing": choosing,
    "demonstration": demonstration,
}
