"""What a department's officer or a clerk can mend in what they do with grants."""

from core.findings import Code


class LaneCode(Code):
    """Why an act on a grant, a list, or a public list is refused."""

    NO_GRANT = "E600"  # of this subject under this policy, or there are several
    NOT_NOW = "E601"  # the grant stands where this cannot be done
    NOT_ASKED_FOR = "E602"  # the rule has no such step
    NO_REASON = "E603"
    ACCOUNT = "E604"  # none was given where one is needed, or it is no account
    LIST_FILE = "E605"  # no list of ours, or a line that cannot be read
    LIST_MOVED = "E606"  # another list than the one that was looked at
    NOTHING_WAITS = "E607"
    BAD_DAY = "E608"  # one that has not come, or before what it takes back
    ANONYMOUS = "E609"  # an objection that nobody signs
    OWN_DECISION = "E610"  # whoever received it may not decide it
    NO_VALUE = "E611"  # an answer that the fact cannot have
