"""What an officer or a hotline can mend about a grievance."""

from core.findings import Code


class GrievanceCode(Code):
    """Why something is not done with a grievance."""

    NOTHING_SAID = "E631"  # no content, reason or legal basis
    TOO_LONG = "E632"
    OTHER_CONTENT = "E633"  # the same number with something else
    UNKNOWN_ABOUT = "E634"  # no such policy, or nothing of the subject's
    OWN_DECISION = "E635"  # who decided before would decide again
    NO_DEPARTMENT = "E636"  # upheld, and nobody is named who mends the facts
    NOT_DONE = "E637"  # upheld, and closed before anything was done
    TOO_LATE = "E638"  # to go on with it
    BAD_LINE = "E639"  # of a hotline's file
    BAD_DAY = "E640"  # one to come, or none
    RATED_ALREADY = "E641"
    BAD_REQUEST = "E642"  # of the hotline's interface: not signed, too old, not in its form
