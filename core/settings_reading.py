"""Reads the settings of a workspace: `workspace.toml`, and above it the environment (`MIANSHEN_…`).

A setting `suite` in the table `[crypto]` is the variable `MIANSHEN_CRYPTO__SUITE`. Every fault is a finding with its line
or its variable.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from core.errors import RunError
from core.findings import Finding, Place, nearest_help
from core.settings import FILE_NAME, NESTED, PREFIX, Settings, SettingsCode

OTHER_VARIABLES = frozenset(
    {"MIANSHEN_KEYS", "MIANSHEN_LANG", "MIANSHEN_WORKSPACE"}
)  # read by core.keys, core.languages, cli


def read_settings(path: Path) -> Settings:
    """Return the settings of a `workspace.toml` and the environment.

    Fails: RunError with one finding per fault.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        help_line = "run `mianshen init`, or name the folder with `--workspace`"
        place = Place(str(path))
        raise RunError.one(SettingsCode.NOT_A_WORKSPACE, place, "this folder is not a workspace", help_line) from None
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, f"the file cannot be read: {reason}") from fault
    return parse_settings(text, path.name)


def parse_settings(text: str, name: str = FILE_NAME) -> Settings:
    """Return the settings of a text and the environment; as `read_settings`."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise RunError.one(SettingsCode.SYNTAX, _syntax_place(fault, name), _syntax_message(fault)) from None
    unknown = list(_unknown_variables(os.environ))
    try:
        settings = Settings(**tree)
    except ValidationError as faults:
        raise RunError([*unknown, *_findings(faults, _lines(text), name)]) from None
    except SettingsError as fault:
        raise RunError.one(SettingsCode.WRONG_SETTING, "environment", str(fault).splitlines()[0]) from None
    if unknown:
        raise RunError(unknown)
    return settings


def _findings(faults: ValidationError, lines: Mapping[tuple[str, ...], int], name: str) -> Iterator[Finding]:
    for fault in faults.errors(include_url=False, include_input=False):
        path = tuple(str(step) for step in fault["loc"])
        place = _place(path, lines, name)
        word = ".".join(path)
        match fault["type"]:
            case "extra_forbidden":
                help_line = nearest_help(path[-1], _known(path[:-1]), "setting")
                yield Finding(SettingsCode.UNKNOWN_SETTING, place, f"unknown setting `{word}`", help_line)
            case "missing":
                yield Finding(SettingsCode.MISSING_SETTING, place, f"the setting `{word}` is missing")
            case _:
                message = str(fault["msg"]).replace("'", "`")
                described = Settings.model_fields[path[0]].description if len(path) == 1 else None
                help_line = described and f"expected {described}"
                text = f"`{word}`: {message[:1].lower()}{message[1:]}"
                yield Finding(SettingsCode.WRONG_SETTING, place, text, help_line)


def _place(path: tuple[str, ...], lines: Mapping[tuple[str, ...], int], name: str) -> Place:
    """Return the variable that gave a setting, else its line, else the line of its table."""
    variable = PREFIX + NESTED.join(path).upper()
    if variable in os.environ:
        return Place(variable)
    while path and path not in lines:
        path = path[:-1]
    return Place(name, lines.get(path))


def _known(path: tuple[str, ...]) -> set[str]:
    """Return the settings that a table has."""
    model: Any = Settings
    for step in path:
        annotation = model.model_fields[step].annotation
        model = next(a for a in (annotation, *getattr(annotation, "__args__", ())) if hasattr(a, "model_fields"))
    return {field.alias or word for word, field in model.model_fields.items()}


def _unknown_variables(environment: Iterable[str]) -> Iterator[Finding]:
    known = OTHER_VARIABLES | set(_variables(Settings, PREFIX))
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            message = f"unknown variable `{variable}`"
            help_line = nearest_help(variable, known, "variable")
            yield Finding(SettingsCode.UNKNOWN_SETTING, Place("environment"), message, help_line)


def _variables(model: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401  # a model or a part of an annotation
    for word, field in model.model_fields.items():
        variable = prefix + (field.alias or word).upper()
        yield variable
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(inner, "model_fields"):
                yield from _variables(inner, variable + NESTED)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each table and key, as far as they are written plainly."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("[") and bare.split("#")[0].strip().endswith("]"):
            table = tuple(word.strip(" \"'") for word in bare.split("#")[0].strip(" []").split("."))
            lines[table] = number
        elif "=" in bare and not bare.startswith("#"):
            key = tuple(word.strip(" \"'") for word in bare.split("=", 1)[0].split("."))
            lines.setdefault((*table, *key), number)
    return lines


def _syntax_place(fault: tomllib.TOMLDecodeError, name: str) -> Place:
    words = str(fault).rstrip(")").split("(at line ")
    line = words[1].split(",")[0] if len(words) > 1 else ""
    return Place(name, int(line) if line.isdigit() else None)


def _syntax_message(fault: tomllib.TOMLDecodeError) -> str:
    message = str(fault).split(" (at ")[0]
    return f"not valid TOML: {message[:1].lower()}{message[1:]}"
