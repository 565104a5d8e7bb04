"""Who in the district holds a card, stands on a list, draws another benefit, is in custody, or has died."""

import datetime as dt

import polars as pl

from engine.district.calendar import INCREMENTS, Edition
from engine.district.draws import Draws
from engine.district.people import ADULT_AGE, TODAY

EDITION = "edition"
"""Column of increments: the number of the delivery that brings the row."""

_CARD_YEARS = 10  # a card is valid for ten years (S-05)
_CATEGORIES = ("肢体",) * 11 + ("视力",) * 3 + ("听力",) * 3 + ("智力",) * 2 + ("精神",) * 2 + ("言语", "多重")
_LEVELS = (1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4)
_HEAVY_LEVEL_MAX = 2  # 重残: levels 1 and 2
_RETIRED_AGE = 60
_OLD_AGE = 80
# Of a thousand: other people on the 低保 list; then, of card holders, those on each of the three lists.
_DIBAO_OTHERS, _DIBAO, _EDGE, _JOBLESS = 6, 110, 170, 400


def with_cards(people: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the people with a disability card.

    Adds: `level`, `category`, `issued_on`; the card runs from that day.
    """
    per_mille = 25 + pl.col("age") // 2
    issued = pl.lit(TODAY) - pl.duration(days=15 + draws.below(3500, "card age"))
    return (
        people.filter((draws.below(1000, "disabled") < per_mille) & (pl.col("age") > 0))
        .with_columns(
            level=pl.lit(pl.Series(_LEVELS)).gather(draws.below(len(_LEVELS), "level")),
            category=draws.one_of(_CATEGORIES, "category"),
            issued_on=pl.max_horizontal(issued, pl.col("born").dt.offset_by("6mo")),
        )
        .with_columns(is_expired=draws.chance(20, "expired card"))
    )


def disability_cards(holders: pl.DataFrame) -> pl.DataFrame:
    """Return the card register; one card in fifty ran out before the trial began."""
    expired_on = pl.date(2025, 3, 31)
    starts = (
        pl.when("is_expired")
        .then(expired_on.dt.offset_by(f"-{_CARD_YEARS}y").dt.offset_by("1d"))
        .otherwise("issued_on")
    )
    return holders.filter(pl.col("is_expired").not_() | (pl.col("born") < dt.date(2015, 1, 1))).select(
        公民身份号码="number",
        残疾类别="category",
        残疾等级="level",
        办证类型=pl.lit("新办"),
        发证日期=starts,
        有效期起=starts,
        有效期止=starts.dt.offset_by(f"{_CARD_YEARS}y").dt.offset_by("-1d"),
    )


def disability_card_stops(holders: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the cards that are frozen."""
    return holders.filter(draws.chance(10, "frozen")).select(
        公民身份号码="number",
        证件状态=pl.lit("冻结"),
        起始日期=pl.lit(TODAY) - pl.duration(days=30 + draws.below(300, "frozen since")),
        解除日期=pl.lit(None, dtype=pl.Date),
    )


def assistance_list(people: pl.DataFrame, draws: Draws, name: str) -> pl.DataFrame:
    """Return the rows of a monthly list for the people on it."""
    return people.select(
        公民身份号码="number",
        姓名="name",
        街镇="street",
        认定日期=pl.lit(TODAY) - pl.duration(days=120 + draws.below(1500, f"{name} since")),
    )


def assistance_lists(people: pl.DataFrame, holders: pl.DataFrame, draws: Draws) -> dict[str, pl.DataFrame]:
    """Return the three monthly lists; nobody stands on two of them."""
    numbers = holders["number"].implode()
    band = draws.below(1000, "hardship")
    others = people.filter(pl.col("number").is_in(numbers).not_() & (band < _DIBAO_OTHERS))
    dibao = pl.concat([others, holders.select(people.columns).filter(band < _DIBAO)])
    edge = holders.filter(band.is_between(_DIBAO, _EDGE, closed="left"))
    working_age = pl.col("age").is_between(ADULT_AGE, _RETIRED_AGE, closed="left")
    jobless = holders.filter(
        band.is_between(_EDGE, _JOBLESS, closed="left") & (pl.col("level") <= _HEAVY_LEVEL_MAX) & working_age
    )
    return {
        "dibao_list": assistance_list(dibao, draws, "dibao"),
        "dibao_edge_list": assistance_list(edge, draws, "edge"),
        "heavy_disabled_jobless_list": assistance_list(jobless, draws, "jobless"),
    }


def other_benefits(people: pl.DataFrame, draws: Draws) -> dict[str, pl.DataFrame]:
    """Return the registers of benefits and states that exclude a subsidy, and of veterans' cards."""
    since = pl.lit(TODAY) - pl.duration(days=60 + draws.below(2000, "benefit since"))
    minor = pl.col("age") < ADULT_AGE
    open_end = pl.lit(None, dtype=pl.Date)

    def some(per_mille: int, name: str, who: pl.Expr) -> pl.DataFrame:
        return people.filter(who & draws.chance(per_mille, name))

    return {
        "tekun_support": some(2, "tekun", pl.col("age") >= _RETIRED_AGE).select(
            公民身份号码="number",
            供养方式=draws.one_of(("分散供养", "集中供养"), "tekun way"),
            供养起始日期=since,
            供养终止日期=open_end,
        ),
        "children_support": some(2, "orphan", minor).select(
            公民身份号码="number",
            保障类别=draws.one_of(("孤儿", "困境儿童", "事实无人抚养儿童"), "orphan kind"),
            保障起始日期=pl.max_horizontal(since, "born"),
            保障终止日期=open_end,
        ),
        "work_injury_nursing": some(1, "injury", pl.col("age").is_between(25, 70)).select(
            公民身份号码="number",
            护理等级=draws.one_of(("完全不能自理", "大部分不能自理", "部分不能自理"), "injury level"),
            待遇起始日期=since,
            待遇终止日期=open_end,
        ),
        "custody_records": some(2, "custody", pl.col("age").is_between(20, 70)).select(
            公民身份号码="number",
            执行类别=draws.one_of(("监狱服刑", "监狱服刑", "逮捕羁押", "社区矫正"), "custody kind"),
            判决生效日期=since,
            释放日期=open_end,
        ),
        "veteran_disability_cards": some(2, "veteran", pl.col("age").is_between(30, 90)).select(
            公民身份号码="number",
            证件种类=draws.one_of(("残疾军人证", "残疾军人证", "伤残人民警察证"), "veteran card"),
            伤残等级=1 + draws.below(10, "veteran level"),
            有效期起=since,
            有效期止=open_end,
        ),
    }


def deaths(people: pl.DataFrame, draws: Draws) -> dict[str, pl.DataFrame]:
    """Return the increments of death certificates and cremations; each row with the delivery that brings it."""
    per_ten_thousand = (
        pl.when(pl.col("age") >= _OLD_AGE).then(400).when(pl.col("age") >= _RETIRED_AGE).then(70).otherwise(3)
    )
    died_on = pl.lit(dt.date(2024, 10, 1)) + pl.duration(days=draws.below(340, "died on"))
    dead = (
        people.filter(draws.below(10_000, "died") < per_ten_thousand)
        .with_columns(died_on=pl.max_horizontal(died_on, pl.col("born").dt.offset_by("1d")))
        .with_columns(order=pl.int_range(pl.len()).cast(pl.String).str.zfill(7))
    )
    return {
        "death_certificates": dead.filter(draws.chance(900, "certificate")).select(
            证明编号="SW25" + pl.col("order"),
            操作=pl.lit("新增"),
            公民身份号码="number",
            死亡日期="died_on",
            edition=_edition(pl.col("died_on").dt.offset_by("6d")),
        ),
        "cremations": dead.filter(draws.chance(980, "cremation")).select(
            火化编号="HH25" + pl.col("order"),
            操作=pl.lit("新增"),
            公民身份号码="number",
            死亡日期="died_on",
            edition=_edition(pl.col("died_on").dt.offset_by("12d")),
        ),
    }


def _edition(known_on: pl.Expr, editions: tuple[Edition, ...] = INCREMENTS) -> pl.Expr:
    """Return the number of the first delivery that speaks for a day; those after the last are never delivered."""
    number = pl.lit(len(editions), dtype=pl.Int64)
    for position in range(len(editions) - 1, -1, -1):
        number = pl.when(known_on <= editions[position].data_date).then(position).otherwise(number)
    return number.cast(pl.Int64)


def no_corrections() -> pl.DataFrame:
    """Return the increments of corrected citizen numbers: none but the planted one."""
    texts = ("更正单号", "操作", "现公民身份号码", "原公民身份号码")
    return pl.DataFrame(schema={EDITION: pl.Int64(), **dict.fromkeys(texts, pl.String()), "更正日期": pl.Date()})
