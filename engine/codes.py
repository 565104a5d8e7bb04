"""What an operator can mend in a night, a plan or a prepared match."""

from core.findings import Code


class RunCode(Code):
    """Faults of a run."""

    NOTHING_PUBLISHED = "E401"
    GUARD_COUNT = "E402"
    GUARD_AMOUNT = "E403"
    UNKNOWN_SUBJECT = "E404"
    UNKNOWN_POLICY = "E405"
    FRAME_COLUMN = "E406"
    FRAME_UNREADABLE = "E407"
    DEMO_FOLDER = "E408"
    DATE_AHEAD = "E409"
    ADDRESS = "E410"
    OUTCOME_CIRCLE = "E411"
    BAD_PORTAL = "E412"  # by its name, or by a kind of subjects that there is not
    SPARK_MISSING = "E421"
    SPARK_ADDRESS = "E422"
    SPARK_FAILED = "E423"
    UNKNOWN_RUN = "E441"
    INPUT_GONE = "E442"
    INPUT_CHANGED = "E443"
    OUTPUT_DAMAGED = "E444"
    ENGINE_CHANGED = "E445"
    BAD_ROUND = "E471"
    UNKNOWN_ROUND = "E472"
    ROUND_REFUSED = "E473"
    ROUND_CHANGED = "E474"
    ROUND_LATE = "E475"
