"""What is heard before money: where objections to public lists stand, and questions to subjects."""

from enum import StrEnum


class ObjectionState(StrEnum):
    """Where an objection to a line of a public list stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class QuestionState(StrEnum):
    """Where a question stands that a subject was asked."""

    OPEN = "open"
    ANSWERED = "answered"
    SETTLED = "settled"  # the answer no longer matters: a department told, or the rest is known
