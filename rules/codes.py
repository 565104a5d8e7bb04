"""The kinds of fault in a rule version; each has its smallest input in `tests/gallery`."""

from core.findings import Code


class RuleCode(Code):
    """R1xx the text, R2xx names and types, R3xx the version as a whole, R4xx its examples, R62x its money."""

    SYNTAX = "R101"
    NOT_IN_LANGUAGE = "R102"
    TOO_LONG = "R103"
    BAD_DATE = "R104"
    CHARACTER = "R105"

    UNKNOWN_NAME = "R201"
    UNKNOWN_FUNCTION = "R202"
    WRONG_ARGUMENTS = "R203"
    WRONG_TYPE = "R204"
    NEVER_TRUE = "R205"
    OTHER_SUBJECT = "R206"
    UNKNOWN_KIND = "R207"
    PARAMETER_NAME = "R208"
    PARAMETER_CYCLE = "R209"
    TOO_LARGE = "R210"
    BAD_CODE = "R211"
    DIVISION_BY_ZERO = "R212"

    NO_CRITERIA = "R301"
    DUPLICATE_ID = "R302"
    DAYS_ORDER = "R303"
    BAD_TERMS = "R304"
    BAD_REFERENCE = "R305"
    NO_TARIFF = "R306"
    UNREACHABLE_LINE = "R307"
    CONSTANT_CRITERION = "R308"
    UNUSED_PARAMETER = "R309"
    NO_BASIS = "R310"
    DUPLICATE_VERSION = "R311"
    DUPLICATE_NAME = "R312"
    NEAR_NAME = "R313"
    DISAGREE = "R321"

    CONTRADICTION = "R320"
    IMPLIED_CRITERION = "R322"
    REPEATED_CRITERION = "R323"
    TARIFF_GAP = "R324"
    NOT_DECIDED = "R325"
    WRONG_UNIT = "R326"
    DAYS_UNCOVERED = "R327"
    LINES_TOUCH = "R328"
    WORDS_DIFFER = "R329"
    NOTHING_PAID = "R330"
    IDLE_PART = "R331"
    OTHER_REGION = "R332"
    DAY_OUTSIDE = "R333"
    AMOUNTS_FALL = "R334"
    OTHER_MAGNITUDE = "R335"
    ABSENT_MEETS = "R336"
    MIXED = "R337"  # `and` and `or` without brackets

    NO_EXAMPLES = "R401"
    UNKNOWN_FACT = "R402"
    WRONG_FACT = "R403"
    FACT_TWICE = "R404"
    WRONG_OUTCOME = "R405"
    WRONG_AMOUNT = "R406"
    WRONG_FAILING = "R407"
    WRONG_MISSING = "R408"
    UNTRIED_THRESHOLD = "R421"
    NEVER_MISSING = "R422"

    SHARES_SUM = "R620"
    BAD_SHARE = "R621"
    PURSE_TWICE = "R622"
    BAD_ACCOUNT = "R623"
    BAD_ORDER = "R624"
    NO_MONEY = "R625"

    OFFSET_SHARE = "R640"  # no part of a payment
    OFFSET_NEEDLESS = "R641"  # nothing is ever claimed
    OFFSET_TWICE = "R642"  # a policy among those already

    UNKNOWN_POLICY = "R501"
    UNKNOWN_VERSION = "R502"
    UNVERIFIED = "R504"

    STEP_OF_OTHER_LANE = "R630"
    BAD_DEADLINE = "R631"
    BAD_QUESTION = "R633"  # a fact that nobody could answer into a list
    DEEMED = "R632"  # consent taken for granted where something has to be given
