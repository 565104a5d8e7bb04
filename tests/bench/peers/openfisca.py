"""OpenFisca: each fact, each condition and each policy a variable of one kind of person; what is computed once is kept.

It knows no unknown facts: a text has one member more in its enumeration, a day is NaT, an amount NaN, yes or no one of three.
A condition and its negation are then two variables, and of an unknown fact neither is true. It ships amounts as float32, which
holds whole fen only up to 167,772.16 yuan: here they are float64. `and` is `*` and `or` is `+`, as its formulas write them.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables
from openfisca_core.indexed_enums import Enum, EnumArray

from tests.bench.one_match import written
from tests.bench.peers.conditions import OPPOSITE, Condition, Policies, codes_in, folded

_EVER = periods.DateUnit.ETERNITY
_UNKNOWN, _NO, _YES = range(3)
_TRUTHS = Enum("Truths", {"unknown": "unknown", "no": "no", "yes": "yes"})

Formula = Callable[[Any, Any], Any]


class _System:
    """A system of variables about persons."""

    def __init__(self) -> None:
        self._person = entities.build_entity(key="person", plural="persons", label="", is_person=True)
        self.own = taxbenefitsystems.TaxBenefitSystem([self._person])
        self._conditions: dict[tuple[Condition, bool], str] = {}

    def fact(self, code: str, type_: type, **how: object) -> Any:  # noqa: ANN401  # its variables have no types
        return self._added(code, type_, **how)

    def condition(self, condition: Condition, formula: Callable[[Any], Any], *, is_negated: bool) -> Formula:
        """Return a condition, or its negation, as a variable computed once."""
        name = self._conditions.get((condition, is_negated))
        if name is None:
            name = self._conditions[condition, is_negated] = f"condition_{len(self._conditions)}"
            self._added(name, bool, formula=lambda person, period: formula(person(condition.code, period)))
        return lambda person, period: person(name, period)

    def policy(self, name: str, formula: Formula) -> None:
        self._added(name, bool, formula=lambda person, period: formula(person, period))  # noqa: PLW0108  # it asks how many a function takes

    def _added(self, name: str, type_: type, **how: object) -> Any:  # noqa: ANN401  # its variables have no types
        words = {"value_type": type_, "entity": self._person, "definition_period": _EVER, **how}
        return self.own.add_variable(type(name, (variables.Variable,), words))


def prepared(asked: Policies) -> Callable[[Path, Path], None]:
    """Return what matches a register and writes who is met; what a text may be is read from the register."""

    def matched(register: Path, out: Path) -> None:
        facts = pl.read_parquet(register, columns=["subject_id", *codes_in(asked)])
        system = _System()
        held = {code: _held(system, facts[code]) for code in codes_in(asked)}
        values = {code: facts[code].drop_nulls().unique().sort() for code in held if facts[code].dtype == pl.String}

        def leaf(condition: Condition, is_negated: bool) -> Formula:
            formula = _formula(condition, values.get(condition.code), is_negated=is_negated)
            return system.condition(condition, formula, is_negated=is_negated)

        for name, nodes in asked.items():
            system.policy(name, folded(nodes, leaf, _joined))
        simulation = simulations.SimulationBuilder().build_default_simulation(system.own, facts.height)
        for code, array in held.items():
            simulation.get_holder(code).set_input(periods.period(_EVER), array)
        met = [pl.Series(np.asarray(simulation.calculate(name, "2026-09"))) for name in asked]
        own = [facts["subject_id"].filter(each) for each in met]
        numbers = [pl.repeat(place, len(each), dtype=pl.UInt16, eager=True) for place, each in enumerate(own)]
        written(pl.DataFrame({"subject_id": pl.concat(own), "policy": pl.concat(numbers)}), out)

    return matched


def _held(system: _System, column: pl.Series) -> Any:  # noqa: ANN401  # numpy is not among the types checked
    """Declare a fact, and return its column as the system takes it."""
    match column.dtype:
        case pl.String():
            texts = column.drop_nulls().unique().sort()
            names = {"unknown": "unknown"} | {f"v{place}": text for place, text in enumerate(texts)}
            members = Enum(f"Texts_{column.name}", names)
            system.fact(column.name, Enum, possible_values=members, default_value=members.unknown)
            places = column.cast(pl.Enum(texts)).to_physical().cast(pl.Int16) + 1
            return EnumArray(places.fill_null(_UNKNOWN).to_numpy(), members)
        case pl.Boolean():
            system.fact(column.name, Enum, possible_values=_TRUTHS, default_value=_TRUTHS.unknown)
            return EnumArray((column.cast(pl.Int16) + _NO).fill_null(_UNKNOWN).to_numpy(), _TRUTHS)
        case pl.Date():
            system.fact(column.name, dt.date)
            return column.to_numpy().astype("datetime64[D]")
        case _:
            system.fact(column.name, float).dtype = np.float64
            return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _formula(condition: Condition, texts: pl.Series | None, *, is_negated: bool) -> Callable[[Any], Any]:
    match condition.value:
        case True:
            wanted = _NO if is_negated else _YES
            return lambda held: np.asarray(held) == wanted
        case tuple() | str() as value:
            assert texts is not None
            listed = texts.is_in([value] if isinstance(value, str) else value)
            answers = np.array([False, *(listed.not_() if is_negated else listed)])
            return lambda held: answers[np.asarray(held)]
        case bound:
            sign = OPPOSITE[condition.sign] if is_negated else condition.sign
            limit = bound if isinstance(bound, int) else np.datetime64(bound)
            return (lambda held: held >= limit) if sign == ">=" else (lambda held: held < limit)


def _joined(word: Literal["and", "or"], parts: Sequence[Formula]) -> Formula:
    sign = mul if word == "and" else add
    return lambda person, period: reduce(sign, [part(person, period) for part in parts])
