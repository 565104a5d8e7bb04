"""A real case as a worked example: what a version reads of somebody on a day, masked, and what it says of that.

The reading is recorded as any look at personal data is. No name, number or id goes into the example.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from core.clock import civil_day
from core.errors import RuleError
from core.roles import Role
from core.yaml_editing import Item
from engine.authoring.rule_files import file_of, put_text
from engine.authority import authorised
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from engine.lifecycle.publishing import chosen_versions
from profiles.known import Known
from profiles.provenance import facts_of
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.example_writing import OUTCOME_WORDS, appended, as_block, example_item, free_name
from rules.examples import run_examples
from rules.masking import MaskedCase, mask
from rules.reading import parse_version
from store.loads import read_loads
from store.vault_openings import record_reading


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A masked case, and the example that it makes; `coarsened` and `moved` are labels."""

    version: RuleVersion
    name: str
    item: Item
    coarsened: tuple[str, ...]
    moved: tuple[str, ...]

    @property
    def block(self) -> str:
        """Return the example as it would stand in the file."""
        return as_block([self.item])


def work_case(  # a case has this many parts
    deployment: Deployment,
    subject: str,
    policy: str,
    version: int | None = None,
    *,
    on: dt.date | None,
    name: str | None,
    by: str,
) -> WorkedCase:
    """Turn what is known now of a subject on a day into a worked example for a version in the workspace's files.

    Fails: RunError where nobody goes by that id or number; RuleError where there is no such version, where it is
           for another kind of subject, or where its outcome turns on an exact value that would identify somebody.
    """
    chosen = chosen_versions(deployment, policy, version)[-1]
    authorised(deployment, by, Role.OFFICER, chosen.written.policy)
    with deployment.store.writing() as tx:
        subject_id, kind = subject_named(tx, deployment, subject)
        if kind != chosen.written.subject:
            message = f"`{policy}` is for the kind `{chosen.written.subject}`, the subject is of the kind `{kind}`"
            raise RuleError.one(AuthoringCode.OTHER_KIND, "subject", message, "name a subject of that kind")
        record_reading(tx, [subject_id], chosen.attributes, by=by, why=f"worked example of {policy} {chosen.version}")
        day, known_at, loads = on or civil_day(tx.now), tx.now, read_loads(tx, deployment.workspace.root)
    facts = facts_of(
        Known.at(deployment.catalogue, loads, known_at),
        kind=kind,
        subject_id=subject_id,
        attributes=sorted(chosen.attributes),
        day=day,
    )
    return _worked(chosen, mask(chosen, {code: fact.value for code, fact in facts.items()}, day), name)


def _worked(version: RuleVersion, case: MaskedCase, name: str | None) -> WorkedCase:
    labels = {each.code: each.label for each in version.vocabulary.own.values()}
    called = free_name(version, name or f"实际情形（已脱敏）：{OUTCOME_WORDS[case.answer.outcome]}")
    item = example_item(version, called, case.day, case.facts, case.answer)
    return WorkedCase(
        version,
        called,
        item,
        tuple(map(labels.__getitem__, case.coarsened)),
        tuple(map(labels.__getitem__, case.moved)),
    )


def add_case(deployment: Deployment, case: WorkedCase) -> Path:
    """Append an example to its version's file, every other byte as before, and return the file.

    Fails: RefusedError where the version was published: its text is never edited; RuleError where the file with the
           example does not read, or the example does not come out.
    """
    path = file_of(deployment, case.version)
    text = appended(case.version.text, [case.item])
    after = parse_version(text, deployment.catalogue, case.version.script.name)
    faults = [each for each in run_examples(after) if f"`{case.name}`" in each.message]
    assert not faults, "an example comes out as it was computed"
    put_text(path, text, before=case.version.text)
    return path
