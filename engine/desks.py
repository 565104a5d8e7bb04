"""Who looks at what: the roles that each list is for, on the pages as on the command line."""

from typing import Final

from core.roles import Role
from engine.grievances.roles import DECIDES, HANDLES
from engine.lanes.acting import MAY_RECORD
from engine.overpayments.roles import MAY_LOOK
from engine.paying.doers import SENDS, SIGNS, STOPS

AUDIT: Final = frozenset({Role.AUDITOR, Role.SUPERVISOR, Role.OPERATOR})
BANK_LINES: Final = SENDS
BATCHES: Final = SIGNS | SENDS | STOPS
BUDGETS: Final = frozenset({Role.PAYMASTER, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR, Role.OFFICER})
CASES: Final = frozenset(MAY_LOOK)
DATA: Final = frozenset({Role.STEWARD, Role.OFFICER, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR, Role.OPERATOR})
GRIEVANCES: Final = frozenset({*HANDLES, *DECIDES, Role.AUDITOR})
LISTS: Final = frozenset({*MAY_RECORD, Role.SUPERVISOR, Role.AUDITOR})  # of departments, in public, and of waivers
NIGHTS: Final = frozenset(Role)
NOTICES: Final = frozenset(Role)
POLICIES: Final = frozenset(Role)
ROUNDS: Final = frozenset({Role.OFFICER, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR})
SUPERVISION: Final = frozenset(
    {Role.SUPERVISOR, Role.AUDITOR, Role.OPERATOR, Role.STEWARD, Role.APPROVER, Role.OFFICER}
)
SUSPICIONS: Final = frozenset({Role.PAYMASTER, Role.SUPERVISOR, Role.APPROVER, Role.AUDITOR})

WHOLE_DATA: Final = frozenset({Role.STEWARD, Role.OPERATOR, Role.AUDITOR})
"""Who looks after shared data itself, whichever policies it serves."""
