"""What may become of a grant: which state may follow which, and where each act leads.

One table of states, which the database holds too, and one of acts, by which commands and nights alike go.
"""

from collections.abc import Collection

from core.ledger import ActKind, GrantState

_S = GrantState

ONCE_ACTIVE = frozenset({_S.ACTIVE, _S.HELD, _S.WAIVED, _S.ENDED})
"""States of a grant that has been through everything its rule asks for before money; it never goes back."""

_INITIAL = frozenset({_S.PROPOSED, _S.OFFERED, _S.ASKED})
_OPEN = frozenset(GrantState) - ONCE_ACTIVE - {_S.WITHDRAWN}

GRANT_TRANSITIONS: dict[GrantState, frozenset[GrantState]] = {
    # A version may change the lane: what has only begun begins anew as the new one says, and what nothing stands in the
    # way of any longer becomes active.
    **{
        state: (_INITIAL | ONCE_ACTIVE | {_S.WITHDRAWN, _S.DECLINED} | more) - {state}
        for state, more in {
            _S.PROPOSED: {_S.CONFIRMED, _S.CHECKED, _S.PUBLICISED},
            _S.OFFERED: {_S.CONFIRMED, _S.LAPSED},
            _S.ASKED: {_S.ANSWERED, _S.LAPSED},
            _S.CONFIRMED: {_S.CHECKED, _S.PUBLICISED},
            _S.ANSWERED: {_S.CHECKED, _S.PUBLICISED},
            _S.DECLINED: set[GrantState](),
            _S.LAPSED: set[GrantState](),
            _S.CHECKED: {_S.PUBLICISED, _S.OBJECTED},
            _S.PUBLICISED: {_S.CHECKED, _S.OBJECTED},
        }.items()
    },
    _S.OBJECTED: frozenset({_S.CHECKED, _S.WITHDRAWN}),
    _S.ACTIVE: ONCE_ACTIVE - {_S.ACTIVE},
    _S.HELD: ONCE_ACTIVE - {_S.HELD},
    _S.WAIVED: ONCE_ACTIVE - {_S.WAIVED},
    _S.ENDED: ONCE_ACTIVE - {_S.ENDED},
    _S.WITHDRAWN: _INITIAL | ONCE_ACTIVE,
}
"""Which state may follow which; the database holds the same table."""


def _same(states: Collection[GrantState]) -> dict[GrantState, GrantState]:
    return {state: state for state in states}


def _each(states: Collection[GrantState], to: GrantState) -> dict[GrantState, GrantState]:
    return dict.fromkeys(states, to)


_SAID_YES = frozenset({_S.CONFIRMED, _S.ANSWERED})
_UNCHECKED = frozenset({_S.PROPOSED}) | _SAID_YES

GRANT_STEPS: dict[ActKind, dict[GrantState, GrantState]] = {
    ActKind.OFFER: _each({_S.PROPOSED, _S.OFFERED, _S.DECLINED, _S.LAPSED}, _S.OFFERED),
    ActKind.ASK: _each({_S.PROPOSED, _S.ASKED, _S.DECLINED, _S.LAPSED}, _S.ASKED),
    ActKind.REMIND: _same({_S.OFFERED, _S.ASKED}),
    # Confirmed once more, it is the account that is new.
    ActKind.CONFIRM: _each({_S.PROPOSED, _S.OFFERED}, _S.CONFIRMED)
    | _each({_S.ASKED}, _S.ANSWERED)
    | _same(_SAID_YES | {_S.CHECKED, _S.PUBLICISED, _S.OBJECTED} | ONCE_ACTIVE),
    ActKind.ANSWER: _each({_S.ASKED}, _S.ANSWERED),
    ActKind.DEEM: _each({_S.OFFERED}, _S.CONFIRMED),
    ActKind.DECLINE: _each(_INITIAL | _SAID_YES | {_S.CHECKED, _S.PUBLICISED}, _S.DECLINED),
    ActKind.LAPSE: _each({_S.OFFERED, _S.ASKED}, _S.LAPSED),
    ActKind.CHECK: _each(_UNCHECKED, _S.CHECKED),
    ActKind.STRIKE: _each(_INITIAL | _SAID_YES | {_S.CHECKED}, _S.WITHDRAWN),
    ActKind.RESTORE: _each({_S.WITHDRAWN}, _S.PROPOSED),
    ActKind.PUBLICISE: _each(_UNCHECKED | {_S.CHECKED}, _S.PUBLICISED),
    ActKind.OBJECT: _each({_S.PUBLICISED, _S.CHECKED, _S.OBJECTED}, _S.OBJECTED),
    ActKind.DISMISS: _each({_S.OBJECTED}, _S.CHECKED),
    ActKind.UPHOLD: _each({_S.OBJECTED}, _S.WITHDRAWN),
    ActKind.CLEAR: _each({_S.PUBLICISED, _S.CHECKED}, _S.ACTIVE),
    ActKind.WITHDRAW: _each(_OPEN, _S.WITHDRAWN),
    ActKind.WAIVE: _each({_S.ACTIVE, _S.HELD}, _S.WAIVED) | _same({_S.ENDED}),
    ActKind.REVOKE_WAIVER: _each({_S.WAIVED}, _S.ACTIVE) | _same({_S.ACTIVE, _S.HELD, _S.ENDED}),
}
"""Where an act leads from each state in which it may be done. A grant becomes active by a night alone, whatever leads there."""
