"""Who receives, over whole columns, is who receives looked at one subject at a time."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from delivery.accounts import UNRANKED, PassedOver
from delivery.receiving import CONFIRMED, HOLDER, Ranks, closing, offered, receiving
from store.vault_openings import OPENED

RANKS = Ranks(
    {"basic": 1, "levies": 2, "pensions": 1}, {"basic": "enterprise", "levies": "enterprise", "pensions": "person"}
)
RESOURCES = ("basic", "levies", "pensions", "other", CONFIRMED)
KINDS = {"s1": "enterprise", "s2": "person", "s3": "household"}
WORDS = {
    "name": ("张三", "李四", " 王\n五 ", ""),
    "account": ("62220001", "6222 0002", "６２２２０００３", " "),
    "bank": ("工行", "农 行"),
    HOLDER: ("张三", ""),
}

Known = dict[tuple[str, str, str], str]
KNOWN: st.SearchStrategy[Known] = st.lists(
    st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(WORDS)), st.sampled_from(RESOURCES)),
    unique=True,
    max_size=24,
).flatmap(lambda keys: st.fixed_dictionaries({key: st.sampled_from(WORDS[key[1]]) for key in keys}))


def one_by_one(known: Mapping[str, Mapping[str, str]], kind: str, closed: set[str]) -> tuple[Any, ...]:
    """Return name, accounts, resource, why another was passed over, and whether all are closed, of one subject."""
    accounts, names = known["account"], known["name"]
    first = min((rank for each, rank in RANKS.by_resource.items() if RANKS.kinds[each] == kind), default=UNRANKED)
    ranks = dict(RANKS.by_resource)
    if CONFIRMED in accounts:
        holder = known[HOLDER].get(CONFIRMED)
        accounts, names = {CONFIRMED: accounts[CONFIRMED]}, {CONFIRMED: holder} if holder else names
        ranks[CONFIRMED] = first
    clean = {each: (_number(number), _line(known["bank"].get(each, ""))) for each, number in accounts.items()}
    offers = sorted((ranks.get(each, UNRANKED), each, own) for each, own in clean.items() if own[0])
    good = [offer for offer in offers if offer[2][0] not in closed]
    best = [offer for offer in good if offer[0] == good[0][0]]
    taken = sorted({own for _, _, own in best})
    because = None
    if good and good[0][0] > first:
        because = PassedOver.CLOSED.value if offers[0][0] < good[0][0] else PassedOver.MISSING.value
    own_names = [
        names[each] for _, each, own in sorted(offers, key=lambda offer: offer[1]) if own in taken and each in names
    ]
    name = next(iter([*own_names, *known["name"].values()]), "")
    return _line(name), taken, best[0][1] if best else None, because, bool(offers) and not good


def _number(text: str) -> str:
    return text.replace("６２２２０００３", "62220003").replace(" ", "")


def _line(text: str) -> str:
    return " ".join(text.split())


@given(KNOWN, st.sets(st.sampled_from(["62220001", "62220002", "62220003"])))
def test_columns_say_what_one_subject_says(known: Known, closed: set[str]) -> None:
    """Whatever departments and subjects say, and whatever banks called closed: name and account go together."""
    rows = [(subject_id, field, resource, value) for (subject_id, field, resource), value in sorted(known.items())]
    opened = pl.DataFrame(rows, OPENED, orient="row")
    of: defaultdict[str, defaultdict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for subject_id, field, resource, value in rows:
        of[subject_id][field][resource] = value

    asked = [(subject_id, KINDS[subject_id]) for subject_id in of]
    kinds = pl.DataFrame(asked, {"subject_id": pl.String, "subject_kind": pl.String}, orient="row")
    found = receiving(opened, closing(offered(opened, kinds, RANKS), closed))

    told = {
        row["subject_id"]: (
            row["name"],
            [(each["number"], each["bank"]) for each in row["accounts"]],
            row["resource"],
            row["passed_over"],
            row["is_closed"],
        )
        for row in found.iter_rows(named=True)
    }
    assert told == {subject_id: one_by_one(each, KINDS[subject_id], closed) for subject_id, each in of.items()}
