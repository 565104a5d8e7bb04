"""A catalogue while it is being checked: what was declared, and in which file."""

from dataclasses import dataclass, field

from core.findings import Finding, Place
from profiles.catalogue import Attribute, DeclaredCalendar, Relation, Resource, SubjectKind


@dataclass(slots=True)
class Draft:
    """Everything declared, by code; `files` says where, `findings` what was wrong while it was gathered."""

    kinds: dict[str, SubjectKind] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    calendars: dict[str, DeclaredCalendar] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, noun: str, code: str, line: int) -> Place:
        """Return where a line of something declared stands."""
        return Place(self.files[noun, code], line)
