"""What an officer can mend between a plan and force."""

from core.findings import Code


class LifecycleCode(Code):
    """Why a plan is not submitted, approved or published."""

    MOVED = "E511"  # what the plan was worked out from is another by now
    NOT_APPROVED = "E512"
    NOTHING_WAITS = "E513"
    OTHER_FINGERPRINT = "E514"
    NO_REASON = "E515"
    NO_SHADOW = "E516"
    SAMPLE_FILE = "E517"  # not a sample of ours, or a verdict that cannot be read
    NOTHING_TO_MOVE = "E518"  # suspended already, or not suspended
