"""Why a call of a portal is not answered."""

from core.findings import Code


class ApiCode(Code):
    """Faults of calls; whoever runs the portal mends them, but for the last."""

    NOT_SIGNED = "E701"  # or not just now, or heard before
    NOT_ALLOWED = "E702"  # the portal may not do that, or not for this kind of subject
    BAD_REQUEST = "E703"  # not in the form that the document says
    OTHER_REQUEST = "E704"  # under a key that stands for another one
    TOO_OFTEN = "E705"
    NOT_THERE = "E706"  # no such page, policy, grant or letter; or not of this subject
    FAILED = "E707"  # on our side
