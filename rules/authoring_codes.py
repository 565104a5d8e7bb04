"""The kinds of fault in what officers do with rule files: worked examples from cases, tables, new files."""

from core.findings import Code


class AuthoringCode(Code):
    """R6xx: a file is to be written, or one that was edited elsewhere is to be read."""

    OTHER_KIND = "R601"
    CANNOT_MASK = "R602"
    PUBLISHED = "R603"
    FILE_CHANGED = "R604"
    FILE_EXISTS = "R605"
    NOT_WRITTEN = "R606"
    NOT_OURS = "R607"
    TABLE_SHAPE = "R608"
    TABLE_CELL = "R609"
    BASE_CHANGED = "R610"
    UNKNOWN_FORM = "R611"
    OTHER_VERSION = "R612"  # a text would be another version than its file is for
    BAD_NAME = "R613"
