"""The residents of the district and the registers that hold them.

Three neighbouring rows are a household: its head, a second adult, and a child or an elder.
"""

import datetime as dt

import polars as pl

from engine.district import words
from engine.district.draws import INDEX, Draws, pick, rows
from engine.district.numbers import citizen_numbers

TODAY = dt.date(2025, 6, 30)  # ages are drawn for this day
HOUSEHOLD_SIZE = 3
ADULT_AGE = 18
CHILDCARE_FROM = dt.date(2022, 1, 1)  # births that the childcare subsidy may concern

_DAYS_PER_YEAR = 365.25


def residents(count: int, draws: Draws) -> pl.DataFrame:
    """Return the people of the district.

    Shape: one row per person; `index`, `number`, `name`, `is_man`, `born`, `age`, `street`, `phone`, `household_no`,
           `place` in the household from 0.
    """
    place = (pl.col(INDEX) % HOUSEHOLD_SIZE).cast(pl.Int64)
    age = (
        pl.when(place == 0)
        .then(25 + draws.below(40, "head") + draws.below(25, "head again"))
        .when(place == 1)
        .then(22 + draws.below(45, "second") + draws.below(20, "second again"))
        .when(draws.chance(600, "child"))
        .then(draws.below(24, "young"))
        .otherwise(60 + draws.below(25, "elder") + draws.below(17, "elder again"))
    )
    born_days = (pl.col("age") * _DAYS_PER_YEAR).cast(pl.Int64) + draws.below(365, "birthday")
    people = (
        rows(count)
        .with_columns(place=place, age=age, is_man=draws.chance(500, "sex"))
        .with_columns(born=pl.lit(TODAY) - pl.duration(days=born_days), household=pl.col(INDEX) // HOUSEHOLD_SIZE)
        .with_columns(order=pl.int_range(pl.len()).over("born", "is_man"))
    )
    surname = draws.one_of(words.SURNAMES, "surname")
    given = draws.one_of(words.GIVEN, "given") + draws.one_of(words.GIVEN_SECOND, "given second")
    street = pick(((pl.col("household") * 7) % len(words.STREETS)).cast(pl.Int64), words.STREETS)
    return people.select(
        INDEX,
        "place",
        "age",
        "is_man",
        "born",
        number=citizen_numbers(pl.col("born"), pl.col("order") * 2 + pl.col("is_man").cast(pl.Int64)),
        name=surname + given,
        street=street,
        phone=phone_number(pl.col(INDEX)),
        household_no="118" + pl.col("household").cast(pl.String).str.zfill(8),
    )


def phone_number(index: pl.Expr) -> pl.Expr:
    """Return a phone number that no one can have: no mobile number begins with 100."""
    return "100" + index.cast(pl.String).str.zfill(8)


def account_number(index: pl.Expr, issuer: str) -> pl.Expr:
    """Return an account number that no bank has issued: issuers beginning with 9999 do not exist."""
    return issuer + index.cast(pl.String).str.zfill(12)


def population_register(people: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return who is registered where; one in two hundred moved here from elsewhere, after the birth."""
    moved = draws.chance(200, "moved in") & (pl.col("age") >= ADULT_AGE)
    came = pl.lit(TODAY) - pl.duration(days=400 + draws.below(5000, "came"))
    return people.select(
        公民身份号码="number",
        姓名="name",
        性别=pl.when("is_man").then(pl.lit("男")).otherwise(pl.lit("女")),
        出生日期="born",
        户籍区划="street",
        迁入日期=pl.when(moved).then(pl.max_horizontal(came, "born")).otherwise("born"),
        迁出日期=pl.lit(None, dtype=pl.Date),
        联系电话=pl.when(draws.chance(930, "phone")).then("phone"),
    )


def household_members(people: pl.DataFrame) -> pl.DataFrame:
    """Return who lives in which household."""
    return people.select(
        公民身份号码="number",
        户号="household_no",
        与户主关系=pick(pl.col("place"), ("户主", "配偶", "家庭成员")),
        入户日期="born",
        离户日期=pl.lit(None, dtype=pl.Date),
    )


def social_card_accounts(people: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the accounts of social security cards; three in a hundred people have none."""
    return people.filter(draws.chance(970, "card account")).select(
        公民身份号码="number",
        户名="name",
        银行账号=account_number(pl.col(INDEX), "9999001"),
        开户银行=draws.one_of(words.BANKS, "bank"),
        金融账户状态=pl.when(draws.chance(20, "dormant")).then(pl.lit("未激活")).otherwise(pl.lit("已激活")),
    )


def birth_registrations(people: pl.DataFrame) -> pl.DataFrame:
    """Return the births that the childcare subsidy may concern."""
    return people.filter(pl.col("born") >= CHILDCARE_FROM).select(
        儿童公民身份号码="number",
        出生日期="born",
        出生年份=pl.col("born").dt.year().cast(pl.Int64),
        出生月份=pl.col("born").dt.month().cast(pl.Int64),
    )


def guardianship(people: pl.DataFrame) -> pl.DataFrame:
    """Return the guardian of each minor: the head of the household."""
    heads = people.filter(pl.col("place") == 0).select("household_no", head="number", head_is_man="is_man")
    minors = people.filter((pl.col("age") < ADULT_AGE) & (pl.col("place") > 0))
    return minors.join(heads, on="household_no", how="inner", validate="m:1", maintain_order="left").select(
        儿童公民身份号码="number",
        监护人公民身份号码="head",
        监护关系=pl.when("head_is_man").then(pl.lit("父亲")).otherwise(pl.lit("母亲")),
        起始日期="born",
        终止日期=pl.lit(None, dtype=pl.Date),
    )
