"""快申快享: whoever lacks exactly the one fact that a rule may ask for is asked it, in words made from the fact's label and type.

A question opens no grant and promises nothing: unknown opens nothing. The answer is a load of a declared list like any other
delivery (`engine.lanes.answers`), so that nights, pages and replays read it, and a department's own data stands above it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from core.ledger import NoticeKind
from core.values import ValueType
from delivery.notice_values import contact_of
from delivery.notices import CHANGES
from engine.decide import Decision
from engine.night import NightPolicy
from engine.people import Present
from profiles.catalogue import Attribute
from store.questions import QUESTIONS, question_id


@dataclass(frozen=True)
class Asked:
    """Whom a night asks, and which open questions no longer matter: somebody else told, or the rest is known by now."""

    new: pl.DataFrame = field(default_factory=QUESTIONS.to_frame)
    settled: tuple[str, ...] = ()


def asked_fact(policy: NightPolicy) -> Attribute | None:
    """Return the fact that a policy may ask for, or None."""
    asks = policy.terms.asks
    return None if asks is None else policy.current.vocabulary.attribute(asks.fact)


def question_words(attribute: Attribute) -> str:
    """Return a fact as a question, without its mark: 残疾等级是多少."""
    unit = f"（{attribute.unit}）" if attribute.unit else ""
    match attribute.type:
        case ValueType.BOOL:
            return f"{attribute.label}：是，还是否"
        case ValueType.DATE:
            return f"{attribute.label}是哪一天"
        case ValueType.TEXT if attribute.values:
            return f"{attribute.label}是以下哪一项：{'、'.join(attribute.values)}"
        case ValueType.MONEY:
            return f"{attribute.label}是多少元"
        case _:
            return f"{attribute.label}{unit}是多少"


def asked_tonight(present: Present, decisions: Iterable[Decision]) -> Asked:
    """Return whom a night asks, and what it need not ask any longer."""
    night = present.night
    new, settled = [QUESTIONS.to_frame()], list[str]()
    for decision in decisions:
        policy, attribute = decision.policy, asked_fact(decision.policy)
        if attribute is None or policy.is_suspended:
            continue
        lacking = _lacking(decision, attribute)
        own = present.questions.filter((pl.col("policy") == policy.policy) & (pl.col("fact") == attribute.code))
        is_open = own.filter(pl.col("state") == "open")
        settled += is_open.join(lacking, on="subject_id", how="anti")["question_id"].sort().to_list()
        waiting = lacking.join(is_open, on="subject_id", how="anti").sort("subject_id")
        ids = [question_id(policy.policy, who, attribute.code, night.known_at) for who in waiting["subject_id"]]
        new.append(
            waiting.select(
                pl.Series("question_id", ids, dtype=pl.String),
                pl.lit(policy.policy).alias("policy"),
                "subject_id",
                pl.lit(attribute.code).alias("fact"),
                pl.lit(night.business_date).alias("asked_on"),
            ).cast(QUESTIONS)
        )
    return Asked(pl.concat(new), tuple(settled))


def _lacking(decision: Decision, attribute: Attribute) -> pl.DataFrame:
    """Return who lacks exactly this fact on the business date: `subject_id`."""
    is_alone = (pl.col("missing").list.len() == 1) & (pl.col("missing").list.first() == attribute.code)
    return decision.outcomes.filter((pl.col("outcome") == "unknown") & is_alone).select("subject_id")


def questions_told(asked: Asked, decisions: Iterable[Decision]) -> pl.DataFrame:
    """Return what is told to those who are asked: `delivery.notices.CHANGES`."""
    return pl.concat([CHANGES.to_frame(), *_told(asked, decisions)])


def _told(asked: Asked, decisions: Iterable[Decision]) -> Iterator[pl.DataFrame]:
    for decision in decisions:
        policy, attribute = decision.policy, asked_fact(decision.policy)
        own = asked.new.filter(pl.col("policy") == policy.policy)
        if attribute is None or own.is_empty():
            continue
        written = policy.current.written
        rows = own.select(
            kind=pl.lit(NoticeKind.ASKED.value),
            grant_id="question_id",
            subject_id="subject_id",
            subject_kind=pl.lit(policy.kind),
            policy="policy",
            title=pl.lit(written.title),
            owner=pl.lit(written.owner),
            contact=pl.lit(contact_of(written)),
            why=pl.lit(""),
            period=pl.col("asked_on").map_elements(lambda day: policy.timetable.of(day).name, pl.String),  # noqa: B023  # called at once
            amount_fen=pl.lit(None, dtype=pl.Int64),
            before_fen=pl.lit(0),
            payable_fen=pl.lit(0),
            reasons=pl.lit([question_words(attribute)]),
            reply_through=pl.lit(None, dtype=pl.Date),
            benefit=pl.lit(written.benefit),
            event=pl.lit(""),
            event_day=pl.lit(None, dtype=pl.Date),
        )
        yield rows.select(pl.col(name).cast(dtype) for name, dtype in CHANGES.items())
