"""The kinds of fault in a rule version; each has its smallest input in `tests/gallery`."""

from core.findings import Code


class RuleCode(Code):
    """R1xx the text, R2xx names and types, R3xx the version as a whole, R4xx its examples."""

    SYNTAX = "R101"
    NOT_IN_LANGUAGE = "R102"
    TOO_LONG = "R103"
    BAD_DATE = "R104"

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
    DISAGREE = "R321"

    NO_EXAMPLES = "R401"
    UNKNOWN_FACT = "R402"
    WRONG_FACT = "R403"
    FACT_TWICE = "R404"
    WRONG_OUTCOME = "R405"
    WRONG_AMOUNT = "R406"
    WRONG_FAILING = "R407"
    WRONG_MISSING = "R408"

    UNKNOWN_POLICY = "R501"
    UNKNOWN_VERSION = "R502"
    UNVERIFIED = "R504"
