"""Something of everything under the policies of other departments, and what of it lies outside a scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import sqlalchemy as sa

from core.days import add_days
from core.money import yuan_text
from engine.authoring.drafts import next_draft
from engine.budgets import Appropriation, propose_budget
from engine.deployment import Deployment
from engine.grievances.intake import Intake, receive
from engine.lanes.waivers import Waiving, waive
from store.grants import read_grants
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.cases import CaseState
from store.states.grievances import GrievanceKind, GrievanceSource
from store.suspicions import keep_suspicions
from store.tables import METADATA, OverpaymentCase, PublicLine, PublicList
from tests.trial_world import LAST_NIGHT

OWN = {"department:区科学技术委员会": "hightech-award", "region:3101": "specialised-award", "region:511922": None}
"""Scopes, and a policy within each; none is published of the last."""


PAID = "specialised-award"
CASE_FEN, BUDGET_FEN = 1_234_567, 987_654_321
"""Something of everything stands under this policy of theirs, among it sums that nothing else comes to."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What lies outside a scope: ids by column, and everything that no page may hold."""

    ids: Mapping[str, frozenset[str]]
    words: frozenset[str]

    def said(self, text: str, asked: Iterable[str] = ()) -> list[str]:
        """Return what an answer holds of the others, beside the words that were asked with."""
        for word in sorted(asked, key=len, reverse=True):
            text = text.replace(word, "")
        return sorted(each for each in self.words if each in text)


def stage(deployment: Deployment) -> None:
    """Put something of everything under a policy of theirs."""
    _handle(deployment, PAID)
    with deployment.store.writing() as tx:
        _suspect(tx, PAID)
        _overpay(tx, PAID)


def _handle(deployment: Deployment, policy: str) -> None:
    """Begin a draft, propose money, take in a grievance and a waiver of the others."""
    next_draft(deployment, policy, by="their officer")
    propose_budget(deployment, Appropriation(policy, 2025, None, BUDGET_FEN, "某文〔2025〕9 号"), by="their paymaster")
    with deployment.store.reading() as rx:
        subject = read_grants(rx, policy=policy)["subject_id"][0]
    said = Intake(GrievanceKind.UNDONE, GrievanceSource.COUNTER, "某事", LAST_NIGHT, subject, policy)
    receive(deployment, said, by="their officer")
    waive(deployment, policy, subject, Waiving("their officer", "本人自愿"))


def _suspect(tx: Writing, policy: str) -> None:
    keep_suspicions(tx, {"q_bbbbbbbbbbbbbbbb": ("group", "another's key", policy, 2)})


def _overpay(tx: Writing, policy: str) -> None:
    """Write down a case and a public list, as nights and officers would leave them."""
    grant = read_grants(tx, policy=policy)["grant_id"][0]
    obligations = METADATA.tables["obligation"]
    obligation = tx.connection.scalar(sa.select(obligations.c.obligation_id).where(obligations.c.grant_id == grant))
    case = {
        "case_id": "k_bbbbbbbbbbbbbbbb", "obligation_id": obligation, "number": 1, "amount_fen": CASE_FEN,
        "recovered_fen": 0, "written_off_fen": 0, "kept_fen": 0, "state": CaseState.OPENED, "moves": 0, "told_fen": None,
        "object_through": None, "opened_at": tx.now, "closed_at": None, "run_id": None,
    }  # fmt: skip
    insert_rows(tx, OverpaymentCase, [case])
    through = add_days(LAST_NIGHT, 30)
    made = {
        "list_id": "l_bbbbbbbbbbbbbbbb", "policy": policy, "opened_on": LAST_NIGHT, "through": through, "working_days": 5,
        "line_count": 1, "opened_by": "their officer", "opened_at": tx.now, "closed_on": None, "closed_by": None,
    }  # fmt: skip
    insert_rows(tx, PublicList, [made])
    insert_rows(tx, PublicLine, [{"list_id": "l_bbbbbbbbbbbbbbbb", "number": 1, "grant_id": grant}])


def hidden(deployment: Deployment, scope: str) -> Hidden:
    """Return what lies outside a scope, by the policies' own texts and not by what pages think of them."""
    kind, _, name = scope.partition(":")
    with deployment.store.reading() as rx:
        texts = METADATA.tables["rule_text"]
        newest = sa.select(texts.c.policy, texts.c.text).order_by(texts.c.version)
        words = {policy: _written(text) for policy, text in rx.connection.execute(newest)}
        outside = {
            policy: written
            for policy, written in words.items()
            if (written["owner"] != name if kind == "department" else not written["region"].startswith(name))
        }
        ids = _ids(rx, set(outside), {policy for policy in words if policy not in outside})
    sums = {yuan_text(CASE_FEN), yuan_text(BUDGET_FEN)} if PAID in outside else set()
    said = {word for written in outside.values() for word in (written["title"], written["item_code"])}
    return Hidden(ids, frozenset(said | sums | set(outside) | set().union(*ids.values())))


def _written(text: str) -> dict[str, str]:
    lines = (line.partition(": ") for line in text.splitlines())
    return {
        key: value.strip().strip('"') for key, _, value in lines if key in {"owner", "region", "title", "item_code"}
    }


def _ids(rx: Reading, outside: set[str], inside: set[str]) -> dict[str, frozenset[str]]:
    """Return the ids of everything of some policies by column, without what is of others too."""
    found, others = (_followed(rx, policies) for policies in (outside, inside))
    return {column: frozenset(values - others.get(column, set())) for column, values in found.items()}


_LEADS = ("policy", "grant_id", "obligation_id", "batch_id", "list_id", "proposal_id", "activation_id")
_SHARED = ("run_id", "load_id", "manifest_id", "subject_id")


def _followed(rx: Reading, policies: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {column: set() for column in _LEADS} | {"policy": policies}
    for _, table in product(_LEADS, METADATA.sorted_tables):
        leads = [table.c[column].in_(sorted(found[column])) for column in _LEADS if column in table.c]
        rows = rx.connection.execute(sa.select(table).where(sa.or_(*leads))).mappings().all() if leads else []
        for column, value in (pair for row in rows for pair in row.items()):
            if column.endswith("_id") and column not in _SHARED and isinstance(value, str) and value:
                found.setdefault(column, set()).add(value)
    return found
