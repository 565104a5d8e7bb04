"""What is wrong with the tables of the supervision."""

from core.findings import Code


class SupervisionCode(Code):
    """Faults of `supervision/`; the supervisor mends them."""

    BAD_LIMIT = "E663"
    BAD_POINT = "E664"
