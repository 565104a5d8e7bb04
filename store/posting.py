"""Posts what a transaction moved, as the last thing before its commit: pots in one order, entries behind them.

INVARIANT: pots are locked after everything else, by policy, year and purse. Two writers that lock anything else by
its own order therefore never wait for each other here.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.money import yuan_text
from store.codes import FundsCode
from store.faults import refused
from store.moved import Limit, Moved, PotKey, in_closed_year, summed
from store.states.funds import PotAccount
from store.tables import ClosedYear, JournalEntry, Pot, table_of

_POT = table_of(Pot)
_ENTRY = table_of(JournalEntry)
_CLOSED = table_of(ClosedYear)


def post(connection: sa.Connection, moves: Iterable[Moved], *, at: dt.datetime) -> None:
    """Move money between accounts, each amount with its document.

    What belongs to a closed year is posted to the first open one after it.
    Fails: RefusedError where a budget has not so much left, or where a closed year is to pay something new.
    """
    noted = list(moves)
    if not noted:
        return
    years = {key: standing_year(connection, *key) for key in sorted({(each.policy, each.year) for each in noted})}
    dated = [_dated(each, years[each.policy, each.year]) for each in noted]
    by_pot: defaultdict[PotKey, list[Moved]] = defaultdict(list)
    for each in summed(dated):
        by_pot[each.pot].append(each)
    for pot in sorted(by_pot):
        _post_pot(connection, pot, by_pot[pot], at)


def standing_year(connection: sa.Connection, policy: str, year: int) -> int:
    """Return the year itself, or the first open one after it; it stays open until the transaction ends."""
    standing = year
    while True:
        _lock_year(connection, policy, standing, sa.func.pg_advisory_xact_lock_shared)
        closed = sa.select(sa.func.count()).where(_CLOSED.c.policy == policy, _CLOSED.c.year == standing)
        if not connection.scalar(closed):
            return standing
        standing += 1


def take_year(connection: sa.Connection, policy: str, year: int) -> None:
    """Keep everybody from posting to a year until the transaction ends: it is being closed."""
    _lock_year(connection, policy, year, sa.func.pg_advisory_xact_lock)


def _lock_year(connection: sa.Connection, policy: str, year: int, lock: sa.sql.functions._FunctionGenerator) -> None:
    if connection.dialect.name == "postgresql":  # on SQLite a writer holds the lock on everything
        connection.execute(sa.select(lock(sa.func.hashtext(f"mianshen year {year} of {policy}"))))


def _dated(moved: Moved, year: int) -> Moved:
    if year == moved.year:
        return moved
    if moved.source is PotAccount.BUDGET or moved.limit is Limit.SET:
        message = f"the year {moved.year} of `{moved.policy}` is closed"
        raise refused(
            FundsCode.YEAR_CLOSED, moved.policy, message, "nothing new is paid by it: take the year that is open"
        )
    return in_closed_year(moved, year)


def _post_pot(connection: sa.Connection, key: PotKey, moves: Sequence[Moved], at: dt.datetime) -> None:
    """Change the balances of one pot, which locks it, and write the entries."""
    named = dict(zip(("policy", "year", "purse"), key, strict=True))
    _open(connection, named)
    change: defaultdict[PotAccount, int] = defaultdict(int)
    for each in moves:
        change[each.source] -= each.amount_fen
        change[each.target] += each.amount_fen
    own = sa.and_(*(_POT.c[name] == value for name, value in named.items()))
    budget_fen = _POT.c.budget_fen + change[PotAccount.BUDGET]
    limits = {each.limit for each in moves}
    before_fen = sa.func.coalesce(_POT.c.beyond_fen, 0) if Limit.SET in limits else _POT.c.beyond_fen
    may = sa.true() if Limit.EXTEND in limits else sa.or_(before_fen.is_(None), budget_fen + before_fen >= 0)
    entries = [each for each in moves if each.amount_fen]
    values = {_POT.c[f"{account}_fen"]: _POT.c[f"{account}_fen"] + fen for account, fen in change.items() if fen}
    kept = (
        sa.update(_POT)
        .where(own, may)
        .values(
            {
                **values,
                # As far beyond as it is, and no further: what comes back leaves no room that nobody granted.
                _POT.c.beyond_fen: sa.case(
                    (before_fen.is_(None), None), (budget_fen >= 0, 0), else_=sa.literal(0) - budget_fen
                ),
                _POT.c.entry_count: _POT.c.entry_count + len(entries),
            }
        )
        .returning(_POT.c.entry_count)
    )
    entry_count = connection.scalar(kept)
    if entry_count is None:
        left_fen = connection.scalar(sa.select(_POT.c.budget_fen).where(own))
        raise _no_money(key, int(left_fen or 0), -change[PotAccount.BUDGET])
    rows = [
        {
            **named,
            "number": entry_count - len(entries) + place,
            "source": each.source,
            "target": each.target,
            "amount_fen": each.amount_fen,
            "document": each.document,
            "event": each.event,
            "posted_at": at,
        }
        for place, each in enumerate(entries, start=1)
    ]
    if rows:
        connection.execute(sa.insert(_ENTRY), rows)


def _open(connection: sa.Connection, named: Mapping[str, object]) -> None:
    """Make sure that there is a pot: one that nobody set a budget for has no floor."""
    nothing = {f"{account}_fen": 0 for account in PotAccount} | {"entry_count": 0, "beyond_fen": None}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(_POT).values(**named, **nothing).on_conflict_do_nothing())


def _no_money(key: PotKey, left_fen: int, wanted_fen: int) -> Exception:
    policy, year, purse = key
    message = f"{yuan_text(wanted_fen)} yuan are asked of `{purse}` for {year}, {yuan_text(max(left_fen, 0))} are left"
    remedy = f"look at `mianshen budget show {policy}`; somebody else may have taken it in between"
    return refused(FundsCode.NO_MONEY, policy, message, remedy)
