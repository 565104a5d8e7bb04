"""Faults of our own database that a person can mend, and the one kind that only we can."""

from core.findings import Code


class StoreCode(Code):
    """Why the database could not be opened, read or written; the operator mends it."""

    UNREACHABLE = "E301"
    BAD_URL = "E302"
    SCHEMA_NEWER = "E303"
    FOREIGN = "E304"  # a database that somebody else made
    LOCKED = "E305"
    NO_PERMISSION = "E306"
    DISK_FULL = "E307"
    DAMAGED = "E308"
    RUN_TAKEN = "E309"  # another process works on it
    RUN_PUBLISHED = "E310"  # already done
    RUN_FENCED = "E311"  # another process took it over
    RUN_EARLIER = "E312"  # before the last published one
    CHANGED = "E313"  # somebody else wrote in between
    ACTIVATION_CLASH = "E314"  # published already, with another text
    UNKNOWN_NAME = "E315"  # no such version, batch, account
    OTHER_KEYS = "E316"  # the vault was indexed with another key
    NAME_TAKEN = "E317"  # by another account
    WRONG_STATE = "E318"  # a batch or a proposal that is not so far, or too far
    OWN_APPROVAL = "E319"  # whoever wrote or submitted it may not approve it
    SUSPENDED = "E320"  # somebody stopped what would leave
    NOT_ENOUGH_APPROVALS = "E321"
    STOPPED = "E322"  # a batch that nobody may send
    UNSETTLED = "E323"  # lines of the bank's that a person has to look at first
    PAYEE_CHANGED = "E324"  # whoever is to be paid is not who was frozen
    STATEMENT_DIFFERS = "E325"  # the account's statement shows another sum
    FILE_DIFFERS = "E326"  # it would not be the file that was exported


class AuditCode(Code):
    """What is wrong with the audit chain, or with who may do what; the operator sees to it."""

    CHANGED = "E650"  # an entry says something else than was recorded
    GAP = "E651"  # entries are missing, or stand twice
    UNLINKED = "E652"  # an entry does not follow from the one before: exchanged, put in between, rewritten
    UNANCHORED = "E653"  # what was anchored outside is not in the chain: cut off, or rewritten to its end
    UNGUARDED = "E654"  # the database no longer refuses changes
    BAD_ANCHOR = "E655"  # neither an anchor nor a file of anchors


class FundsCode(Code):
    """What books and budgets refuse; the paymaster or the finance officer mends it."""

    NO_MONEY = "E680"  # the pot has not so much left
    YEAR_CLOSED = "E681"
    YEAR_NOT_OVER = "E682"
    EARLIER_YEAR = "E683"  # an earlier one is still open
    BOOKS_DIFFER = "E684"  # balances and entries do not agree
    SAME_PERSON = "E685"
    DECIDED = "E686"  # or proposed, already
    WAITS = "E690"  # payments that the year's money does not cover
    BEYOND = "E691"  # and that the rule makes all the same
    SAME_ACCOUNT = "E692"  # under many
    SAME_NAME = "E693"  # and sum, under another subject
    SAME_GROUP = "E694"  # paid beyond what it may


class StoreInvariantError(AssertionError):
    """We tried to write what may never stand: a mistake of ours, which stops the run.

    It is raised, not asserted, so that `python -O` keeps it. Its text names tables, columns and constraints, never
    a value.
    """
