"""Who is who on this night: grants and positions of merged subjects under the id that stands.

A corrected number merges two subjects from the instant at which it became known; what was written under
either id then belongs to one, and what is due is computed once. What somebody said under a former id follows in the same
way: it is read under the grant that stands and nothing is rewritten, so that as known before the merge, or without it,
every word is with the id under which it was said.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from core.grant_steps import ONCE_ACTIVE
from core.ledger import Act, ActKind
from engine.following import Former, followed
from engine.night import Night
from profiles.merging import present_ids
from store.questions import Answer

GRANT_KEY = ("policy", "subject_id", "event")


@dataclass(frozen=True)
class Present:
    """A night's grants, acts and positions by the subjects as they are known now."""

    night: Night
    own_acts: tuple[Act, ...] = ()  # of this very night

    def with_acts(self, acts: tuple[Act, ...]) -> "Present":
        """Return the same people with acts of this very night."""
        return Present(self.night, acts) if acts else self

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Return the standing id of every subject that was merged into another."""
        return present_ids(self.night.loads.merges)

    @cached_property
    def grants(self) -> pl.DataFrame:
        """Return one grant per policy, subject and event: of merged subjects the one under the id that stands.

        Adds: to `store.grants.GRANTS`: `discovered_on` and `cause` become those of the earliest of those merged;
              `was_active`: one of them has been; `is_provisional`: all of them are (`engine.night`).
        """
        once = pl.col("state").is_in(sorted(state.value for state in ONCE_ACTIVE))
        is_provisional = pl.col("grant_id").is_in(self.night.provisional.implode())
        every = self._renamed(self.night.grants).with_columns(was_active=once, is_provisional=is_provisional)
        own = (pl.col("subject_id") == pl.col("written_id")) & (pl.col("event") == pl.col("written_event"))
        merged = (
            every.filter(self.is_of_merged)
            .sort(*GRANT_KEY, own.not_(), "discovered_on", "grant_id")
            .with_columns(
                pl.col("discovered_on", "cause").sort_by("discovered_on", "grant_id").first().over(*GRANT_KEY),
                pl.col("was_active").any().over(*GRANT_KEY),
                pl.col("is_provisional").all().over(*GRANT_KEY),
            )
            .unique(GRANT_KEY, keep="first", maintain_order=True)
        )
        alone = every.filter(self.is_of_merged.not_())
        return pl.concat([alone, merged]).sort(*GRANT_KEY).drop("written_id", "written_event")

    @cached_property
    def is_of_merged(self) -> pl.Expr:
        """Return which rows, by the subjects and events that stand, may be one with others; no other row is."""
        stands = pl.Series(sorted(set(self.ids.values())), dtype=pl.String).implode()
        return pl.col("subject_id").is_in(stands) | pl.col("event").is_in(stands)

    @cached_property
    def positions(self) -> pl.DataFrame:
        """Return the positions, `subject_id` being the one that stands."""
        return self._renamed(self.night.positions).drop("written_id", "written_event")

    def grants_of(self, policy: str) -> pl.DataFrame:
        """Return the grants of one policy, by subject and event."""
        return self._by_policy.get(policy, self.grants.clear())

    @cached_property
    def _by_policy(self) -> Mapping[str, pl.DataFrame]:
        return {str(policy): own for (policy,), own in self.grants.partition_by("policy", as_dict=True).items()}

    def found_before(self, policy: str) -> pl.DataFrame:
        """Return the grants of one policy whose day of discovery stands, by subject and event."""
        return self.grants_of(policy).filter(pl.col("is_provisional").not_())

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """Return the acts by the grants that stand, those of each in the order they were recorded."""
        formers = self._formers
        return followed(self.night.acts, formers, self.night.loads.merges) if formers else self.night.acts

    def acts_of(self, grants: Iterable[str]) -> list[Act]:
        """Return the acts on some grants that stand, in the order they were recorded."""
        if not self.acts:
            return []
        wanted = set(grants)
        return [act for act in self.acts if act.grant_id in wanted]

    @cached_property
    def delivered(self) -> Mapping[tuple[str, str], tuple[dt.date, ...]]:
        """Return of which nights an offer or its reminder has arrived, by policy and the subject that stands."""
        if not self.ids:
            return self.night.delivered
        found = dict[tuple[str, str], tuple[dt.date, ...]]()
        for (policy, who), days in self.night.delivered.items():
            key = policy, self.ids.get(who, who)
            found[key] = tuple(sorted({*found.get(key, ()), *days}))
        return found

    @cached_property
    def answers(self) -> Mapping[tuple[str, str], Answer]:
        """Return who has answered, by policy and the subject that stands; the first answer of each."""
        if not self.ids:
            return self.night.answers
        found = dict[tuple[str, str], Answer]()
        for (policy, who), answer in sorted(
            self.night.answers.items(), key=lambda each: (each[1].answered_at, each[0])
        ):
            found.setdefault((policy, self.ids.get(who, who)), answer)
        return found

    @cached_property
    def questions(self) -> pl.DataFrame:
        """Return what was asked, `subject_id` being the one that stands."""
        return self.night.questions.with_columns(pl.col("subject_id").replace(dict(self.ids)))

    @cached_property
    def suspected(self) -> frozenset[str]:
        """Return the grants that wait because their subject may be known under a former number."""
        waiting = set[str]()
        for act in sorted((*self.acts, *self.own_acts), key=lambda act: act.recorded_at):
            if act.kind is ActKind.SUSPECT_RENUMBERING:
                waiting.add(act.grant_id)
            elif act.kind is ActKind.CONFIRM_IDENTITY:
                waiting.discard(act.grant_id)
        return frozenset(waiting)

    @cached_property
    def disputed(self) -> frozenset[str]:
        """Return the grants that wait because of a grievance; each hold has a release of its own."""
        holds = Counter[str]()
        for act in self.acts:
            if act.kind in {ActKind.HOLD, ActKind.RELEASE}:
                holds[act.grant_id] += 1 if act.kind is ActKind.HOLD else -1
        return frozenset(grant_id for grant_id, count in holds.items() if count > 0)

    @property
    def waiting(self) -> frozenset[str]:
        """Return the grants of which nothing is paid until a person has looked."""
        return self.suspected | self.disputed

    @cached_property
    def _formers(self) -> Mapping[str, Former]:
        """Return the grants of subjects that were merged, with the one that stands, by id."""
        if not self.ids:
            return {}
        standing = self.grants.select(*GRANT_KEY, stands="grant_id")
        named = self._renamed(self.night.grants).join(standing, on=GRANT_KEY, validate="m:1")
        several = named.filter(pl.len().over("stands") > 1)
        rows = several.select("grant_id", "written_id", "written_event", "stands").iter_rows()
        return {grant_id: Former(*written) for grant_id, *written in rows}

    def _renamed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put the standing ids in `subject_id` and `event`; keep those that were written."""
        kept = frame.with_columns(written_id="subject_id", written_event="event")
        return kept.with_columns(pl.col("subject_id", "event").replace(dict(self.ids))) if self.ids else kept
