"""A whole made-up district, written as departments would deliver it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import polars.selectors as cs

from core.clock import civil_instant
from engine.district import assistance, calendar, firms, people
from engine.district.assistance import EDITION
from engine.district.cast import LAST_EDITION, Cast, CastRow, Value
from engine.district.change_faults import plant_change_faults
from engine.district.data_faults import plant_data_faults
from engine.district.draws import Draws
from engine.district.files import Form, write_table
from engine.district.firm_faults import add_ordinary_firms, plant_firm_faults
from engine.district.late_faults import plant_late_faults
from engine.district.ordinary_people import add_ordinary_people
from engine.district.plan import DeliveredFile, DistrictPlan, PlannedNight
from engine.district.sources import SOURCES, Source
from engine.district.trial_firms import add_trial_firms

REGION = "310118"

_PLANTS = (plant_late_faults, plant_change_faults, plant_data_faults, plant_firm_faults)
_FIRST, _LAST = "first edition", "last edition"


def generate_district(folder: Path, *, seed: int, people: int, enterprises: int) -> DistrictPlan:
    """Write a district's deliveries under a folder and return what they are and what has to come of them.

    Shape:   `people` residents and `enterprises` enterprises, and beside them some forty planted subjects.
    Expects: an empty or missing folder; at least 300 residents, so that the two unreadable rows stay below
             one in a hundred.
    Source:  every number, name and account is made up; see `engine.district.numbers`.
    """
    cast = Cast()
    accounts = add_trial_firms(cast)
    faults = tuple(fault for plant in _PLANTS for fault in plant(cast))
    add_ordinary_people(cast)
    add_ordinary_firms(cast)
    tables = _tables(Draws(seed), people, enterprises)
    files = [
        file
        for resource, source in SOURCES.items()
        for file in _deliver(folder, resource, source, _with_cast(tables[resource], cast.rows[resource], source))
    ]
    return DistrictPlan(
        folder=folder,
        seed=seed,
        region=REGION,
        people_count=people,
        enterprise_count=enterprises,
        begins_on=calendar.BEGINS_ON,
        files=tuple(sorted(files, key=lambda file: (file.delivered_at, file.data_date, file.resource))),
        activations=calendar.activations(),
        nights=tuple(PlannedNight(day, civil_instant(day, calendar.NIGHT_HOUR)) for day in calendar.NIGHTS),
        pay_days=calendar.PAY_DAYS,
        trial_accounts=accounts,
        faults=faults,
    )


def _tables(draws: Draws, people_count: int, enterprise_count: int) -> dict[str, pl.DataFrame]:
    """Return the rows of everyone but the planted subjects, by resource."""
    everyone = people.residents(people_count, draws)
    holders = assistance.with_cards(everyone, draws)
    companies = firms.enterprises(enterprise_count, draws)
    return {
        "population_register": people.population_register(everyone, draws),
        "household_members": people.household_members(everyone),
        "social_card_accounts": people.social_card_accounts(everyone, draws),
        "birth_registrations": people.birth_registrations(everyone),
        "guardianship": people.guardianship(everyone),
        "citizen_id_corrections": assistance.no_corrections(),
        "disability_cards": assistance.disability_cards(holders),
        "disability_card_stops": assistance.disability_card_stops(holders, draws),
        **assistance.assistance_lists(everyone, holders, draws),
        **assistance.other_benefits(everyone, draws),
        **assistance.deaths(everyone, draws),
        "enterprise_register": firms.enterprise_register(companies, draws),
        "tax_register": firms.tax_register(companies, draws),
        "enterprise_accounts": firms.enterprise_accounts(companies, draws),
        "unemployment_insurance_yearly": firms.unemployment_insurance(companies, draws),
        **firms.certificates(companies, draws),
        **firms.credit(companies, draws),
    }


def _with_cast(table: pl.DataFrame, cast: list[CastRow], source: Source) -> pl.DataFrame:
    """Add the planted rows.

    Adds: the first and the last delivery that holds each row, in the place of the column `edition`.
    """
    if EDITION in table.columns:
        table = table.with_columns(pl.col(EDITION).alias(_FIRST), pl.col(EDITION).alias(_LAST)).drop(EDITION)
    else:
        table = table.with_columns(
            pl.lit(0, dtype=pl.Int64).alias(_FIRST), pl.lit(LAST_EDITION, dtype=pl.Int64).alias(_LAST)
        )
    if source.form.is_text:
        days = cs.date().dt.to_string(source.form.day_format)
        table = table.with_columns(days).with_columns(pl.exclude(_FIRST, _LAST).cast(pl.String))
    rows = [{**_cells(row, source.form), _FIRST: row.first, _LAST: row.last} for row in cast]
    planted = pl.DataFrame(rows, schema=table.schema)
    return pl.concat([table, planted])


def _cells(row: CastRow, form: Form) -> dict[str, Value]:
    return {name: _text(value, form) for name, value in row.values.items()} if form.is_text else row.values


def _text(value: Value, form: Form) -> str | None:
    if isinstance(value, dt.date):
        return value.strftime(form.day_format)
    return None if value is None else str(value)


def _deliver(folder: Path, resource: str, source: Source, table: pl.DataFrame) -> Iterator[DeliveredFile]:
    """Write every delivery of a resource."""
    for number, edition in enumerate(source.editions):
        rows = table.filter((pl.col(_FIRST) <= number) & (pl.col(_LAST) >= number)).drop(_FIRST, _LAST)
        day = f"{edition.delivered_on:%Y-%m-%d}"
        (folder / day).mkdir(parents=True, exist_ok=True)
        path = f"{day}/{source.form.file_name(edition.data_date)}"
        write_table(rows, source.form, folder / path)
        yield DeliveredFile(
            resource=resource,
            path=path,
            delivered_at=civil_instant(edition.delivered_on, calendar.DELIVERY_HOUR),
            data_date=edition.data_date,
            format=source.form.format,
            row_count=rows.height,
            encoding=source.form.encoding,
            query=source.form.query(),
        )
