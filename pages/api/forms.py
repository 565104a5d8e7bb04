"""What calls and answers are made of: strict where we are asked, whole where we answer."""

from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rules.tariff import Range

Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A line of text; no database keeps a NUL, and no line has a line end."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
"""Text of one line or several."""


PolicyCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="事项代码 · the policy's code")]
ClaimId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$", description="追回编号 · as payments list it")]
ObjectionId = Annotated[
    str, Path(pattern=r"^[a-z0-9_]{1,40}$", description="异议编号 · as the list of objections has it")
]
NoticeId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$", description="告知编号 · as the inbox lists it")]


class Asked(BaseModel):
    """What a call says; nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(BaseModel):
    """What an answer says; every field is always there."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Subject(Asked):
    """Whom a call is about."""

    number: Annotated[
        Words,
        Field(
            min_length=1,
            max_length=40,
            description="统一社会信用代码或公民身份号码 · the subject's official number; never put it into an address",
        ),
    ]


class Amount(Said):
    """An amount that may still be open, in fen; `at_most_fen` is null where it has no limit yet."""

    at_least_fen: int
    at_most_fen: int | None

    @classmethod
    def of(cls, amount: Range | None) -> Self | None:
        """Return an amount; None where nothing is paid."""
        return None if amount is None else cls(at_least_fen=amount[0], at_most_fen=amount[1])


class Fault(Said):
    """Where a call is not in its form: a JSON Pointer to the field, and what is wrong with it."""

    pointer: str
    detail: str


class ProblemDetails(Said):
    """RFC 9457; `code` is one of docs/errors.md, and `errors` are there where fields of the call are at fault."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] = []
