"""Drafts as officers write them: begun from what there is, looked at as often as one likes, saved once they can be read.

What is saved can always be read, so that no draft keeps other policies from being worked on; what checks and examples
say of it may still be mended. A published version is never written.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.clock import civil_day
from core.errors import RefusedError, RuleError
from core.findings import Finding, Place, nearest_help, sort_findings
from core.ids import text_digest
from core.roles import Role
from core.yaml_editing import YamlEditing, written_line
from engine.authoring.guide import Guide, guide_of
from engine.authoring.rule_files import put_new, put_text
from engine.authoring.shelf import Shelf, ShelfPolicy, shelf_of
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lifecycle.publishing import all_activations, publication_findings
from engine.lifecycle.writers import record_writer
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.interview import POLICY_CODE
from rules.reading import parse_version

_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A version that may be edited, as its file stands; `digest` says which text a person has before them."""

    policy: str
    version: int
    path: Path
    name: str
    text: str

    @property
    def digest(self) -> str:
        """Return what another text would not have."""
        return text_digest(self.text)


@dataclass(frozen=True)
class Look:
    """What can be said of a text: the version where it can be read, and all findings by line."""

    version: RuleVersion | None
    findings: tuple[Finding, ...]

    @property
    def fault_count(self) -> int:
        """Return how many findings keep it from being submitted."""
        return sum(each.is_error for each in self.findings)

    @cached_property
    def example_count(self) -> int:
        """Return how many worked examples were run."""
        return len(self.version.written.examples) if self.version else 0


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """What a new policy is called; everything else begins as another policy has it."""

    policy: str
    title: str
    item_code: str
    owner: str
    pattern: str


def draft_file(deployment: Deployment, policy: str, version: int) -> DraftFile:
    """Return a version that may be edited.

    Fails: RefusedError where it is published; RuleError where there is no such version.
    """
    shelf = shelf_of(deployment)
    own = shelf.policies.get(policy)
    known = {each.version: each for each in own.versions} if own else {}
    found = known.get(version)
    if found is not None and found.published:
        message = f"version {version} of `{policy}` is published, and its text stands for ever"
        remedy = "write the change as the next version"
        raise RefusedError.one(AuthoringCode.PUBLISHED, f"policies/{policy}/{version}.yaml", message, remedy)
    is_usual = found is None and POLICY_CODE.fullmatch(policy)  # a file that cannot be read is on no shelf
    path = _usual(deployment, policy, version) if is_usual else found.path if found else None
    if path is None or not path.is_file():
        help_line = f"known: {', '.join(map(str, known))}" if known else nearest_help(policy, shelf.policies, "policy")
        raise RuleError.one(RuleCode.UNKNOWN_VERSION, f"policies/{policy}", f"no version {version}", help_line)
    name = path.relative_to(deployment.workspace.root).as_posix()
    return DraftFile(policy, version, path, name, path.read_bytes().decode("utf-8-sig", "replace"))


def look_at(deployment: Deployment, draft: DraftFile, text: str) -> Look:
    """Return what checks and worked examples say of a text that may become a draft's; nothing is written."""
    try:
        version = parse_version(text, deployment.catalogue, draft.name)
    except RuleError as error:
        return Look(None, sort_findings(error.findings))
    strange = _other_version(version, draft)
    return Look(version, sort_findings([*strange, *publication_findings(version)]))


def guide_of_draft(deployment: Deployment, version: RuleVersion) -> Guide:
    """Return a version in plain Chinese, as its guide will have it."""
    today = civil_day(deployment.clock.now())
    return guide_of(version, deployment.catalogue, all_activations(deployment), as_of=today)


def save_draft(deployment: Deployment, draft: DraftFile, text: str, *, by: str) -> None:
    """Put another text in the place of the one that somebody had before them.

    Fails: RuleError where it cannot be read or is another version; RefusedError where who saves is no officer, or
           where somebody saved another text meanwhile.
    """
    authorised(deployment, by, Role.OFFICER, draft.policy)
    strange = _other_version(parse_version(text, deployment.catalogue, draft.name), draft)
    if strange:
        raise RuleError(strange)
    with deployment.store.writing() as tx:
        record_writer(tx, draft.policy, draft.version, text, by=by)
        put_text(draft.path, text, before=draft.text)


def next_draft(deployment: Deployment, policy: str, *, by: str) -> int:
    """Begin the next version of a policy with the text of its newest, from the first of the next month; return its number.

    Fails: RuleError where there is no such policy; RefusedError where who begins it is no officer.
    """
    own = _policy(shelf_of(deployment), policy)
    text, number = text_of(own, own.newest.version), own.newest.version + 1
    editing = YamlEditing(text)
    editing.set(("version",), str(number))
    first = _next_month(civil_day(deployment.clock.now()))
    if own.newest.valid_from < first:
        editing.set(("valid_from",), str(first))
        if own.newest.valid_through is not None and own.newest.valid_through < first:
            editing.set(("valid_through",), "null")
    _begin(deployment, policy, number, editing.text(), by=by)
    return number


def new_policy(deployment: Deployment, wish: NewPolicy, *, by: str) -> None:
    """Begin a policy's first version with the text of another policy's newest.

    Fails: RuleError where the pattern is none, or where the text cannot be read with what was given; RefusedError where
           the policy is there already, or who begins it is no officer over its department.
    """
    shelf = shelf_of(deployment)
    pattern = _policy(shelf, wish.pattern)
    if not POLICY_CODE.fullmatch(wish.policy):
        message = f"`{wish.policy}` is no code of a policy"
        remedy = "write small letters, digits and hyphens, such as `disability-nursing`"
        raise RuleError.one(AuthoringCode.BAD_NAME, "policies", message, remedy)
    if wish.policy in shelf.policies:
        message, remedy = "the file is there already and is not overwritten", "move it away or choose another name"
        raise RefusedError.one(AuthoringCode.FILE_EXISTS, f"policies/{wish.policy}", message, remedy)
    editing = YamlEditing(text_of(pattern, pattern.newest.version))
    for key in ("policy", "title", "item_code", "owner"):
        editing.set((key,), written_line(getattr(wish, key)))
    editing.set(("version",), "1")
    _begin(deployment, wish.policy, 1, editing.text(), by=by, department=wish.owner)


def text_of(policy: ShelfPolicy, version: int) -> str:
    """Return the text of a version: as published, else as its file stands."""
    found = next(each for each in policy.versions if each.version == version)
    if found.published:
        return found.published.text
    assert found.path is not None
    return found.path.read_bytes().decode("utf-8-sig", "replace")


def _begin(
    deployment: Deployment, policy: str, version: int, text: str, *, by: str, department: str | None = None
) -> None:
    path = _usual(deployment, policy, version)
    authorised(deployment, by, Role.OFFICER, policy, department=department)
    parse_version(text, deployment.catalogue, path.relative_to(deployment.workspace.root).as_posix())
    with deployment.store.writing() as tx:
        record_writer(tx, policy, version, text, by=by)
        put_new(path, text.encode())


def _usual(deployment: Deployment, policy: str, version: int) -> Path:
    return deployment.workspace.policies / policy / f"{version}.yaml"


def _policy(shelf: Shelf, policy: str) -> ShelfPolicy:
    if policy not in shelf.policies:
        help_line = nearest_help(policy, shelf.policies, "policy")
        raise RuleError.one(RuleCode.UNKNOWN_POLICY, "policies", f"unknown policy `{policy}`", help_line)
    return shelf.policies[policy]


def _other_version(version: RuleVersion, draft: DraftFile) -> list[Finding]:
    """Return what is wrong with a text that would become another version than its file is for."""
    if (version.policy, version.version) == (draft.policy, draft.version):
        return []
    message = f"this file is for version {draft.version} of `{draft.policy}`, and the text is another"
    key = "policy" if version.policy != draft.policy else "version"
    place = version.script.place(key)
    return [Finding(AuthoringCode.OTHER_VERSION, Place(place.path, place.line), message, f"leave `{key}` as it was")]


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // _DECEMBER, day.month % _DECEMBER + 1, 1)
