"""What an officer can mend about an overpayment case."""

from core.findings import Code


class CaseCode(Code):
    """Why something is not done on an overpayment case."""

    NOTHING_SAID = "E620"  # no reason, or no legal basis
    NO_WHY = "E621"  # nobody knows why it is overpaid, so somebody has to write it
    OBJECTION_OPEN = "E622"  # the subject may still object
    NOT_TOLD = "E623"  # more is outstanding than the subject was told of
    OWN_DECISION = "E624"  # who told decides
    RECEIPT_DIFFERS = "E625"  # the same reference with another day or amount
    TOO_MUCH = "E626"  # more than ever went out, or than is outstanding
    BAD_RECEIPT = "E627"  # no reference, no amount, a day to come
    OTHER_CASE = "E628"  # a closed case, while another one of the same money is open
    BAD_PLAN = "E629"  # instalments that do not come to what is outstanding, or out of order
    NOT_CONFIRMED = "E630"  # nothing is collected before it is decided, or while an objection is open
    NO_OFFSET = "E643"  # its rule does not let it be set off
