"""What an officer can mend in a plan, or in the file that keeps one."""

from core.findings import Code


class PlanCode(Code):
    """Faults of plans and plan files."""

    UNREADABLE = "E501"
    NOT_A_PLAN = "E502"
    CHANGED_BY_HAND = "E503"
    NOTHING_PROPOSED = "E504"
    SAME_TWICE = "E505"
