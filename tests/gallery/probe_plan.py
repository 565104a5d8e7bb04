"""Provokes the faults of plans and plan files."""

import json
from pathlib import Path
from typing import Any

from core.errors import MianshenError
from engine.planning.change import read_change
from engine.planning.plan_file import plan_text, read_plan
from tests.engine.plan_samples import a_plan
from tests.world import World


def plan_file(folder: Path, case: dict[str, Any]) -> str:
    """Read a plan file: with `text`, or with another value under the key `key`; no text: there is no file."""
    path = folder / "raise.plan.json"
    if "key" in case:
        path.write_text(json.dumps(json.loads(plan_text(a_plan())) | {case["key"]: 99}), "utf-8")
    elif case["text"]:
        path.write_text(case["text"], "utf-8")
    try:
        read_plan(path)
    except MianshenError as error:
        return str(error)
    return ""


def proposal(folder: Path, case: dict[str, Any]) -> str:
    """Propose a published rule so many times, and the retirement of the policies `retired`."""
    world = World.at(folder / "w")
    try:
        world.rule()
        files = [folder / f"{number}.yaml" for number in range(case["copies"])]
        for file in files:
            file.write_text(world.published_text(), "utf-8")
        read_change(world.deployment.catalogue, files, retired=case.get("retired", ()))
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


PROBES = {"plan_file": plan_file, "proposal": proposal}
