"""rule-engine: one rule for each policy, asked of one subject after the other.

Unknown facts are null, and a condition asks first whether its fact is null. Days are its own.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl
from rule_engine import Context, Rule

from tests.bench.one_match import written
from tests.bench.peers.conditions import OPPOSITE, Condition, Policies, codes_in, folded


def prepared(asked: Policies) -> Callable[[Path, Path], None]:
    """Return what matches a register and writes who is met."""
    context = Context(default_value=None, default_timezone="utc")
    rules = [Rule(folded(nodes, _guarded, _joined), context=context) for nodes in asked.values()]

    def matched(register: Path, out: Path) -> None:
        facts = pl.read_parquet(register, columns=["subject_id", *codes_in(asked)])
        rows = facts.with_columns(pl.col(pl.Date).cast(pl.Datetime(time_zone="UTC"))).iter_rows(named=True)
        found = [(row["subject_id"], place) for row in rows for place, rule in enumerate(rules) if rule.matches(row)]
        written(pl.DataFrame(found, schema={"subject_id": pl.String, "policy": pl.UInt16}, orient="row"), out)

    return matched


def _guarded(condition: Condition, is_negated: bool) -> str:
    code = condition.code
    match condition.value:
        case True:
            said = f"{code} == {'false' if is_negated else 'true'}"
        case tuple() as texts:
            listed = f"{code} in {json.dumps(texts)}"
            said = f"not ({listed})" if is_negated else listed
        case str() as text:
            said = f"{code} {'!=' if is_negated else '=='} {json.dumps(text)}"
        case bound:
            limit = bound if isinstance(bound, int) else f'd"{bound}"'
            said = f"{code} {OPPOSITE[condition.sign] if is_negated else condition.sign} {limit}"
    return f"({code} != null and {said})"


def _joined(word: Literal["and", "or"], parts: list[str]) -> str:
    return f"({f' {word} '.join(parts)})"
