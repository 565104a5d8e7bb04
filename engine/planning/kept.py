"""Plans that pages made: kept as plan files until the day is over, for after it nobody may submit them; shown again whole.

A plan is shown from the very document that is approved, so that who signs sees what they sign.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from core.clock import civil_day
from core.errors import RunError
from core.findings import Code
from engine.deployment import Deployment
from engine.planning.effect import FORMAT_VERSION, Plan
from engine.planning.plan_file import PlanFile, read_plan, write_plan

_FINGERPRINT: Final = re.compile("[0-9a-f]{64}")
_PLAN: Final = TypeAdapter(Plan)


def keep_plan(deployment: Deployment, plan: PlanFile) -> str:
    """Keep a plan, and return its fingerprint; those of other days go.

    Fails: RunError where the folder may not be written.
    """
    folder = deployment.workspace.plans
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if not _is_of(path, civil_day(plan.known_at)):
            path.unlink(missing_ok=True)
    write_plan(plan, folder / f"{plan.digest}.json")
    return plan.digest


def _is_of(path: Path, day: dt.date) -> bool:
    try:
        return civil_day(read_plan(path).known_at) == day
    except RunError:  # damaged, or of another release
        return False


def kept_plan(deployment: Deployment, fingerprint: str) -> PlanFile | None:
    """Return the plan with a fingerprint, or None where it is not kept."""
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    path = deployment.workspace.plans / f"{fingerprint}.json"
    return read_plan(path) if path.exists() else None


def shown_plan(file: PlanFile) -> Plan | None:
    """Return a plan with everything there is to show of it; None where another release made it in another form."""
    if file.summary.get("format_version") != FORMAT_VERSION:
        return None
    codes = {member.value: member for kind in Code.__subclasses__() for member in kind}
    try:
        return _PLAN.validate_python(_with_codes(file.summary, codes))
    except (ValidationError, KeyError):
        return None


def _with_codes(part: Any, codes: dict[str, Code]) -> Any:  # noqa: ANN401  # any part of a plan
    """Return a part of a tree with the codes of its findings as codes."""
    if isinstance(part, list):
        return [_with_codes(each, codes) for each in part]
    if not isinstance(part, dict):
        return part
    is_finding = part.keys() >= {"code", "place", "message", "severity"}
    told = {key: _with_codes(each, codes) for key, each in part.items()}
    return told | {"code": codes[told["code"]]} if is_finding else told
