"""The files under `catalogue/` as one checked `Catalogue`.

`subjects.yaml` lists the kinds, `relations.yaml` and `calendars.yaml` (where there are any) what their names say; under
`resources/` each file is one resource, under `attributes/` each holds some attributes. What belongs together is checked
by `profiles.resource_checks`, `profiles.relation_checks` and `profiles.attribute_checks`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from core.errors import ProfileError
from core.findings import Finding, Place
from core.ids import text_digest
from core.strict_yaml import Written, parse_yaml, read_text
from profiles.attribute_checks import check_attribute
from profiles.calendar_checks import check_calendar
from profiles.catalogue import Attribute, Catalogue, DeclaredCalendar, Relation, Resource, SubjectKind
from profiles.codes import ProfileCode
from profiles.draft import Draft
from profiles.naming import check_name
from profiles.relation_checks import check_circles, check_kind, check_relation
from profiles.resource_checks import check_resource


class _Kinds(Written):
    kinds: tuple[SubjectKind, ...]


class _Relations(Written):
    relations: tuple[Relation, ...]


class _Attributes(Written):
    attributes: tuple[Attribute, ...]


class _Calendars(Written):
    calendars: tuple[DeclaredCalendar, ...]


class _Declared(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def line(self) -> int: ...


_File = TypeVar("_File", bound=Written)
_Item = TypeVar("_Item", bound=_Declared)


def read_catalogue(folder: Path) -> Catalogue:
    """Return the catalogue in a folder.

    Fails: ProfileError with every fault in the form of the files; where their form is right, with every fault in what
           they say.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))

    def text_of(name: str) -> str:
        return read_text(folder / name, error=ProfileError, name=f"{folder.name}/{name}")

    return _checked(_Files(folder.name, names, text_of))


def parse_catalogue(texts: Mapping[str, str], folder: str) -> Catalogue:
    """Return the catalogue that `Catalogue.files` hold; as `read_catalogue`, places carrying the folder's name."""
    return _checked(_Files(folder, sorted(texts), texts.__getitem__))


def _checked(files: "_Files") -> Catalogue:
    draft = _read(files)
    findings = [
        finding
        for group in (
            (check_kind(each, draft) for each in draft.kinds.values()),
            (check_resource(each, draft) for each in draft.resources.values()),
            (check_relation(each, draft) for each in draft.relations.values()),
            (check_attribute(each, draft) for each in draft.attributes.values()),
            (check_calendar(each, draft) for each in draft.calendars.values()),
            (check_circles(draft),),
        )
        for findings in group
        for finding in findings
    ]
    if draft.findings or findings:
        raise ProfileError([*draft.findings, *findings])
    return Catalogue(
        kinds=draft.kinds,
        resources=draft.resources,
        attributes=draft.attributes,
        relations=draft.relations,
        calendars=draft.calendars,
        fingerprint=fingerprint_of(draft),
        files=files.texts,
    )


def fingerprint_of(draft: Draft) -> str:
    """Return the digest of what a catalogue says; comments, order and file names do not matter."""
    said = {
        noun: {code: item.model_dump(mode="json") for code, item in items.items()}
        for noun, items in (
            ("kinds", draft.kinds),
            ("resources", draft.resources),
            ("attributes", draft.attributes),
            ("relations", draft.relations),
            ("calendars", draft.calendars),
        )
        if items or noun != "calendars"  # a catalogue without any says what it said before there were any
    }
    return text_digest(json.dumps(said, ensure_ascii=False, sort_keys=True))


def _read(files: "_Files") -> Draft:
    faults = files.faults
    kinds = files.read(["subjects.yaml"], _Kinds)
    relations = files.read(["relations.yaml"] if "relations.yaml" in files.names else [], _Relations)
    calendars = files.read(["calendars.yaml"] if "calendars.yaml" in files.names else [], _Calendars)
    resources = files.read(files.under("resources"), Resource)
    attributes = files.read(files.under("attributes"), _Attributes)
    if not faults and not resources:
        place = f"{files.folder}/resources"
        faults.append(Finding(ProfileCode.NO_CATALOGUE, Place(place), "there is no resource", "declare one per file"))
    if faults:
        raise ProfileError(faults)
    draft = Draft()
    draft.kinds = _by_code(draft, "kind", ((n, each, each.code) for n, file in kinds for each in file.kinds))
    draft.resources = _by_code(draft, "resource", ((n, each, each.resource) for n, each in resources))
    draft.relations = _by_code(draft, "relation", ((n, e, e.code) for n, file in relations for e in file.relations))
    draft.calendars = _by_code(draft, "calendar", ((n, e, e.code) for n, file in calendars for e in file.calendars))
    draft.attributes = _by_code(draft, "attribute", ((n, e, e.code) for n, file in attributes for e in file.attributes))
    return draft


class _Files:
    """Reads the files of one catalogue; keeps their texts and collects their faults."""

    def __init__(self, folder: str, names: Sequence[str], text_of: Callable[[str], str]) -> None:
        self.folder = folder
        self.names = names
        self.texts: dict[str, str] = {}
        self.faults: list[Finding] = []
        self._text_of = text_of

    def under(self, name: str) -> list[str]:
        """Return the YAML files under a folder of the catalogue, by name."""
        return [each for each in self.names if each.startswith(f"{name}/")]

    def read(self, names: Iterable[str], model: type[_File]) -> list[tuple[str, _File]]:
        """Return what can be read, each with its name for messages."""
        found = []
        for name in names:
            place = f"{self.folder}/{name}"
            if name not in self.names:
                help_line = "name the folder that holds `subjects.yaml`, `resources` and `attributes`"
                self.faults.append(Finding(ProfileCode.NO_CATALOGUE, Place(place), "the file is not there", help_line))
                continue
            try:
                self.texts[name] = self._text_of(name)
                found.append((place, parse_yaml(self.texts[name], model, error=ProfileError, name=place)))
            except ProfileError as error:
                self.faults.extend(error.findings)
        return found


def _by_code(draft: Draft, noun: str, items: Iterable[tuple[str, _Item, str]]) -> dict[str, _Item]:
    """Return items by code, and note those whose code or label is taken, or is no name."""
    found: dict[str, _Item] = {}
    taken: dict[str, Place] = {}
    for name, item, code in items:
        place = Place(name, item.line)
        draft.findings.extend(check_name(code, noun, "code", place))
        draft.findings.extend(check_name(item.label, noun, "label", place))
        draft.findings.extend(_clashes({code, item.label}, noun, taken, place))
        if code not in found:
            found[code] = item
            draft.files[noun, code] = name
        for word in (code, item.label):
            taken.setdefault(word, place)
    return found


def _clashes(words: set[str], noun: str, taken: dict[str, Place], place: Place) -> Iterator[Finding]:
    for word in sorted(words & taken.keys()):
        message = f"`{word}` names two {noun}s"
        yield Finding(ProfileCode.TWICE, place, message, f"the other stands at {taken[word]}")
