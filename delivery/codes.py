"""Faults that the paymaster, or who looks after the channels, can mend."""

from core.findings import Code


class DeliveryCode(Code):
    """D1xx: pay days, accounts, batches and their files; D2xx: notices and channels."""

    NO_ACCOUNT = "D101"
    SEVERAL_ACCOUNTS = "D102"
    ACCOUNT_UNUSABLE = "D103"
    NO_NAME = "D104"
    AMOUNT_NOT_POSITIVE = "D105"
    SHARED_ACCOUNT = "D106"
    NO_PAYEE = "D107"
    CONTENT_CHANGED = "D111"
    FILE_UNREADABLE = "D112"
    TOTALS_DIFFER = "D113"
    FILE_ALREADY_OUT = "D114"
    YEAR_UNKNOWN = "D121"
    HOLIDAY_CONFLICT = "D122"

    NO_CONTACT = "D201"
    TEMPLATE_FORM = "D202"
    TEMPLATE_VARIABLE = "D203"
    VALUE_MISSING = "D204"
    NUMBER_SHOWN = "D205"
    REFUSED_FOR_GOOD = "D211"
    REFUSED_FOR_NOW = "D212"
    CHANNEL_DOWN = "D213"
    IN_DOUBT = "D214"
    GIVEN_UP = "D215"
    CHANNEL_MISSING = "D220"
    LINK_IN_TEXT = "D221"
