"""The names of everything that can be wrong with a catalogue, a delivered file, or the state of the loads."""

from core.findings import Code


class ProfileCode(Code):
    """Faults that the data steward mends. P1xx: catalogue. P2xx: delivered files. P3xx: state of loads."""

    # The catalogue.
    NO_CATALOGUE = "P101"  # a file of the catalogue is not there
    TWICE = "P102"  # a code or label names two things
    BAD_NAME = "P103"  # a code or label that a rule could not name
    UNKNOWN_KIND = "P104"
    UNKNOWN_RESOURCE = "P105"
    UNKNOWN_COLUMN = "P106"
    UNKNOWN_RELATION = "P107"
    UNKNOWN_ATTRIBUTE = "P108"
    ROLE_MISSING = "P109"  # a resource of this kind needs a column with this role
    ROLE_MISPLACED = "P110"  # this role does not go with this kind, type or delivery
    NUMBER_IN_FRAME = "P111"  # a number of a subject would stand in a frame
    SOURCE_SHAPE = "P112"  # both or neither of `sources` and `via`; a column that pick does not want
    PICK_MISFIT = "P113"  # pick against type, or pick against kind of resource
    ABSENT_MISFIT = "P114"  # `when_absent` against type or values
    VALUE_MISFIT = "P115"  # a value that cannot be: renamed, compared or bounded
    SUBJECT_MISFIT = "P116"  # the resource or relation is about another kind of subject
    LIMITS_MISFIT = "P117"  # a number in the declaration that makes no sense
    CIRCLE = "P118"  # attributes drawn from each other
    CALENDAR = "P121"  # periods of a calendar that do not follow each other

    # Delivered files.
    NO_FILE = "P201"
    EMPTY_FILE = "P202"
    ENCODING = "P203"
    TRUNCATED = "P204"
    COLUMN_MISSING = "P205"
    COLUMN_EXTRA = "P206"
    COLUMN_TWICE = "P207"
    NOT_A_TABLE = "P208"  # not CSV, XLSX or Parquet, or damaged
    OVERSIZED = "P209"  # a workbook that would unpack to more than it may
    DIGITS_LOST = "P210"  # a code stored as a number in a workbook
    QUERY = "P211"
    NO_DATA_DATE = "P212"
    DATA_DATE_AHEAD = "P213"
    NO_WRITING = "P214"  # disk full, no permission
    KNOWN_ALREADY = "P215"  # warning
    OUT_OF_ORDER = "P216"  # warning: a load for a day before one already loaded
    NOTHING_ACCEPTED = "P217"
    REGIONS_MISSING = "P218"  # warning
    FEW_ROWS = "P219"  # warning: too few rows, or too many unreadable ones, to speak of absence
    NO_QUERY = "P220"  # a database without a query, or a query without a database
    # Rows, with counts; each is also the code in the quarantine frame.
    KEY_MISSING = "P221"
    KEY_MALFORMED = "P222"
    VALUE_MISSING = "P223"
    VALUE_UNREADABLE = "P224"
    VALUE_NOT_LISTED = "P225"
    VALUE_OUT_OF_BOUNDS = "P226"
    DUPLICATE = "P227"
    DAY_AHEAD = "P228"
    ENDS_BEFORE_START = "P229"
    CELL_COUNT = "P230"
    REPEATED = "P231"  # warning: rows equal to another row, counted once
    CHECK_DIGIT = "P232"  # warning: lawful exceptions exist
    NUMBER_HIDDEN = "P233"  # warning: the subject's number stood inside a text and was replaced by its id

    # The state of the loads.
    NEVER_ARRIVED = "P301"
    STALE = "P302"
    NEARLY_STALE = "P303"
    INCOMPLETE = "P304"
    QUARANTINED = "P305"
    LATE = "P306"  # the delivery that `refresh` promises has not come
    DISAGREE = "P307"  # two sources of an attribute know different values
