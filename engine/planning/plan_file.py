"""The plan file: what is proposed, everything that its effect was worked out from, and the effect in short.

`mianshen plan --out` writes one, `mianshen apply` publishes exactly what it says. The form is strict and numbered; a
digest over all of it shows whether anybody wrote in it afterwards.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import RunError
from core.findings import Finding, Place
from core.ids import text_digest
from core.settings import SettingsCode
from engine.planning.codes import PlanCode

FORMAT_VERSION: Final = 1

_REMEDY = "make it anew: `mianshen plan … --out FILE`"
_SIZE_MAX = 64 << 20  # bytes; the texts of a whole library are below one of these 64 MiB


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProposedVersion(_Part):
    """The text of a version that a proposed activation names, to the letter, and what its digests were."""

    policy: str
    version: int
    text: str
    fingerprint: str
    results_fingerprint: str


class ProposedActivation(_Part):
    """On which days a version is to stand; `version` None is a repeal, which always clears.

    For `shadow_nights` nights it is only computed, and nothing leaves.
    """

    policy: str
    version: int | None
    valid_from: dt.date
    valid_through: dt.date | None = None
    clears: bool = False
    shadow_nights: int = 0


class PlanFile(_Part):
    """One plan.

    `day` and `months` are what was asked; `known_at` is the instant of the knowledge that was used. `depends_on` has
    one entry per thing that may move (`engine.planning.fingerprint`). `summary` is the summary of `mianshen plan --json`.
    """

    kind: Literal["mianshen plan"] = "mianshen plan"
    format_version: Literal[1] = FORMAT_VERSION
    made_by: str
    known_at: dt.datetime
    day: dt.date
    months: int
    versions: tuple[ProposedVersion, ...]
    activations: tuple[ProposedActivation, ...]
    depends_on: dict[str, str]
    summary: dict[str, Any]

    @property
    def digest(self) -> str:
        """Return one digest over everything: what an approval signs."""
        return text_digest(json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True))

    def moved_since(self, now: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
        """Return what is another than it was when the plan was made: then and now, None where it was not there."""
        keys = sorted(self.depends_on.keys() | now.keys())
        pairs = {key: (self.depends_on.get(key), now.get(key)) for key in keys}
        return {key: (then, today) for key, (then, today) in pairs.items() if then != today}


def plan_text(plan: PlanFile) -> str:
    """Return a plan as the text of its file; the same plan gives the same bytes."""
    tree = plan.model_dump(mode="json") | {"digest": plan.digest}
    return json.dumps(tree, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_plan(plan: PlanFile, path: Path) -> None:
    """Write a plan file, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.write_text(plan_text(plan), "utf-8")
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the plan cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def read_plan(path: Path) -> PlanFile:
    """Return the plan in a file.

    Fails: RunError where it cannot be read, is no plan of this format, or was changed after it was made.
    """
    try:
        if path.stat().st_size > _SIZE_MAX:
            raise RunError.one(PlanCode.NOT_A_PLAN, path.name, "the file is too large for a plan", _REMEDY)
        text = path.read_bytes().decode("utf-8")
    except OSError as fault:
        message = f"the plan cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(PlanCode.UNREADABLE, path.name, message, "check the name of the file") from fault
    except UnicodeDecodeError as fault:
        raise RunError.one(PlanCode.NOT_A_PLAN, path.name, "the file is not UTF-8", _REMEDY) from fault
    return parse_plan(text, path.name)


def parse_plan(text: str, name: str) -> PlanFile:
    """Return the plan in a text; as `read_plan`."""
    place = Place(name)
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise RunError.one(PlanCode.NOT_A_PLAN, place, "the file is not JSON", _REMEDY) from fault
    if not isinstance(tree, dict) or tree.get("kind") != "mianshen plan":
        raise RunError.one(PlanCode.NOT_A_PLAN, place, "the file is not a plan", _REMEDY)
    if tree.get("format_version") != FORMAT_VERSION:
        message = f"expected a plan of format {FORMAT_VERSION}, found `{tree.get('format_version')}`"
        raise RunError.one(PlanCode.NOT_A_PLAN, place, message, _REMEDY)
    digest = tree.pop("digest", None)
    try:
        plan = PlanFile.model_validate(tree)
    except ValidationError as faults:
        raise RunError(_finding(fault, place) for fault in faults.errors(include_url=False)) from None
    if plan.digest != digest:
        message = "the plan was changed after it was made: its digest is another"
        raise RunError.one(PlanCode.CHANGED_BY_HAND, place, message, _REMEDY)
    return plan


def _finding(fault: Any, place: Place) -> Finding:  # noqa: ANN401  # pydantic's error dictionary
    word = ".".join(str(step) for step in fault["loc"])
    message = {"missing": f"the key `{word}` is missing", "extra_forbidden": f"unknown key `{word}`"}
    text = str(fault["msg"])
    return Finding(
        PlanCode.NOT_A_PLAN, place, message.get(fault["type"], f"`{word}`: {text[:1].lower()}{text[1:]}"), _REMEDY
    )
