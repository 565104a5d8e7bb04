"""An answer to a question becomes a load of the declared list that the rule names (本人申报), in the name of whoever gave it."""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from core.clock import civil_day
from core.days import LAST_DAY
from core.errors import RefusedError
from core.findings import nearest_help
from core.ids import derive_id, text_digest
from core.ledger import NoticeKind
from core.loads import LoadInfo
from delivery.notice_values import policy_values
from delivery.notices import Telling, plan_notices
from engine.authority import authorised
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from engine.lanes.acting import MAY_RECORD, policy_named
from engine.lanes.codes import LaneCode
from engine.lanes.consent import Answering
from engine.lanes.questions import asked_fact, question_words
from engine.night import NightPolicy
from profiles.catalogue import Attribute, Column, Resource, Role
from profiles.load_files import publish, staging
from profiles.stored_values import column_type
from rules.operands import MistakeError
from rules.written_facts import typed_value
from store.audit import record
from store.audit_chain import JSON
from store.loads import StoredLoads
from store.merges import same_subject
from store.opening import Reading, Writing
from store.questions import answer_question, open_questions

_NO_QUARANTINE = pl.Schema(
    {"row_number": pl.UInt32(), "column": pl.String(), "code": pl.String(), "subject_id": pl.String()}
)


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answers, in words, and since when it is so; None: today."""

    words: str
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    question_id: str
    subject_id: str
    fact: Attribute
    resource: Resource
    column: Column


@dataclass(frozen=True, slots=True)
class _Fact:
    """An answer as frames hold it, and since when it is so."""

    value: object
    since: dt.date


def answer(deployment: Deployment, policy: str, subject: str, given: Given, how: Answering) -> str:
    """Record the answer to the open question of a subject under a policy; return the load that holds it.

    Nights read it from then on; a department that knows better stands above it.
    Fails: RefusedError where nothing is asked, or the words are no such value; RunError where nobody goes by that id.
    """
    if how.is_assisted:
        authorised(deployment, how.by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        named = policy_named(tx, deployment, policy)
        asked = _open_question(tx, deployment, named, subject)
        today = civil_day(tx.now)
        since = given.since or today
        if since > today:
            raise RefusedError.one(
                LaneCode.BAD_DAY, "--since", f"{since} has not come", "say since when it has been so"
            )
        value = _value(asked.fact, given.words)
        load_id = _load(tx, deployment, asked, _Fact(value, since), by=how.by)
        answer_question(tx, asked.question_id, load_id=load_id, by=how.by, is_assisted=how.is_assisted)
        said: dict[str, JSON] = {"fact": asked.fact.code, "load_id": load_id, "is_assisted": how.is_assisted}
        record(tx, "question.answered", by=how.by, about=asked.question_id, said=said)
        helped = f"（由{how.by}帮办代办）" if how.is_assisted else ""
        values = {**policy_values(named.current.written), "reasons": f"答复“{question_words(asked.fact)}”{helped}"}
        telling = Telling(NoticeKind.RECORDED, asked.subject_id, policy, f"answer {asked.question_id}", today, values)
        plan_notices(tx, deployment.routes, [telling])
    return load_id


def _open_question(rx: Reading, deployment: Deployment, policy: NightPolicy, subject: str) -> _Question:
    fact, asks = asked_fact(policy), policy.terms.asks
    if fact is None or asks is None:
        message = f"nothing is asked under `{policy.policy}`: its rule has no `asks`"
        raise RefusedError.one(LaneCode.NOT_ASKED_FOR, policy.policy, message, "see `mianshen rules show`")
    subject_id, _ = subject_named(rx, deployment, subject)
    ids = same_subject(rx, subject_id)
    found = open_questions(rx, ids, policy=policy.policy).filter(pl.col("fact") == fact.code)
    if found.is_empty():
        message = f"no question to them is open under `{policy.policy}`"
        remedy = "a night asks whoever lacks exactly this one fact; look at `mianshen explain`"
        raise RefusedError.one(LaneCode.NOTHING_WAITS, policy.policy, message, remedy)
    resource = deployment.catalogue.resources[asks.writes]
    name = next(source.column for source in fact.sources if source.resource == asks.writes)
    column = next(each for each in resource.columns if each.name == name)
    return _Question(found["question_id"][0], subject_id, fact, resource, column)


def _value(fact: Attribute, words: str) -> object:
    """Return an answer as frames hold it.

    Fails: RefusedError where the fact cannot be that; the message does not repeat it.
    """
    try:
        return typed_value(fact.label, words, fact.fact_type)
    except MistakeError as fault:
        message = f"the answer is no value of `{fact.label}`"
        remedy = f"answer: {question_words(fact)}"
        if fact.values:
            remedy = nearest_help(words, fact.values, "value") or remedy
        raise RefusedError.one(LaneCode.NO_VALUE, fact.label, message, remedy) from fault


def _load(tx: Writing, deployment: Deployment, asked: _Question, given: _Fact, *, by: str) -> str:
    """Write one answer as a load of its list and record it."""
    resource, today = asked.resource, civil_day(tx.now)
    load_id = derive_id("l", resource.resource, asked.question_id, tx.now.isoformat())
    key = resource.column_of(Role.ROW_KEY)
    cells = {
        "subject_id": pl.Series([asked.subject_id], dtype=pl.String),
        "valid_from": pl.Series([given.since], dtype=pl.Date),
        "valid_through": pl.Series([LAST_DAY], dtype=pl.Date),
        "row_key": pl.Series([asked.question_id], dtype=pl.String),
        "operation": pl.Series(["upsert"], dtype=pl.String),
        asked.column.name: pl.Series([given.value], dtype=column_type(asked.column).dtype),
        "row_number": pl.Series([1], dtype=pl.UInt32),
    }
    assert key is not None
    snapshots = deployment.workspace.snapshots
    info = LoadInfo(
        load_id=load_id,
        resource=resource.resource,
        data_date=today,
        loaded_at=tx.now,
        digest=text_digest(asked.question_id, str(given.since), tx.now.isoformat()),
        file_name=f"answer {asked.question_id}",
        path=f"{snapshots.name}/{resource.resource}/{load_id}.parquet",
        row_count=1,
        accepted_count=1,
        quarantined_count=0,
        unreadable_count=0,
        is_complete=True,
    )
    with staging(snapshots / resource.resource, load_id) as aside:
        frames = {
            snapshots.parent / info.quarantine_path: _NO_QUARANTINE.to_frame(),
            snapshots.parent / info.path: pl.DataFrame(cells),
        }
        publish(frames, aside)
    StoredLoads(tx, by).record(info)
    return load_id
