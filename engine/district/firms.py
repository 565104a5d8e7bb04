"""The enterprises of the district and the registers that hold them."""

import datetime as dt

import polars as pl

from engine.district import words
from engine.district.assistance import EDITION
from engine.district.draws import INDEX, Draws, pick, rows
from engine.district.numbers import credit_codes
from engine.district.people import TODAY, account_number, phone_number

_REFUND_YEAR = (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
_PREMIUM_PER_HEAD_FEN = 72_000  # a year's unemployment insurance at 1 % of about 6,000 yuan a month
_NEIGHBOURS = ("310117", "310112", "310114", "310120")  # districts that some enterprises are registered in


def enterprises(count: int, draws: Draws) -> pl.DataFrame:
    """Return the enterprises of the district.

    Shape: one row per enterprise; `index`, `number`, `name`, `region`, `industry`, `size`, `established_on`, `phone`.
    Nulls: `size` where no department has classed the enterprise.
    """
    brand = draws.one_of(words.BRANDS_FIRST, "brand") + draws.one_of(words.BRANDS_SECOND, "brand second")
    trade = draws.below(len(words.TRADES), "trade")
    away = draws.chance(30, "registered elsewhere")
    region = (
        pl.when(away)
        .then(draws.one_of(_NEIGHBOURS, "which district"))
        .otherwise(draws.one_of(words.STREETS, "street of firm"))
    )
    return rows(count).select(
        INDEX,
        number=credit_codes(pl.col(INDEX)),
        name=enterprise_name(brand, pick(trade, tuple(name for name, _ in words.TRADES))),
        region=region,
        industry=pick(trade, tuple(code for _, code in words.TRADES)),
        size=pl.when(draws.chance(970, "size known")).then(draws.one_of(words.SIZES, "size")),
        established_on=pl.lit(TODAY) - pl.duration(days=200 + draws.below(7000, "established")),
        phone=phone_number(pl.col(INDEX) + 50_000_000),
    )


def enterprise_name(brand: pl.Expr, trade: pl.Expr) -> pl.Expr:
    """Return a name that says of itself that it is made up."""
    return "上海" + brand + "（演示）" + trade + "有限公司"


def enterprise_register(firms: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the register; three in a hundred have been struck off, closed or have moved away."""
    ended = draws.chance(30, "ended")
    return firms.select(
        统一社会信用代码="number",
        企业名称="name",
        登记状态代码=pl.when(ended).then(draws.one_of(("2", "4", "4", "6"), "end")).otherwise(pl.lit("1")),
        登记区划="region",
        行业代码="industry",
        企业规模="size",
        成立日期="established_on",
        状态起始日期="established_on",
        状态截止日期=pl.lit(None, dtype=pl.Date),
        联系电话="phone",
    )


def tax_register(firms: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return where the enterprises pay tax."""
    return firms.select(
        统一社会信用代码="number",
        主管税务区划="region",
        纳税信用等级=pl.when(draws.chance(900, "rated")).then(
            draws.one_of(("A", "B", "B", "B", "M", "M", "C", "D"), "rating")
        ),
    )


def enterprise_accounts(firms: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the accounts that taxes are paid from; one in twenty has none on file."""
    return firms.filter(draws.chance(950, "firm account")).select(
        统一社会信用代码="number",
        账户名称="name",
        银行账号=account_number(pl.col(INDEX), "9999008"),
        开户银行=draws.one_of(words.BANKS, "bank of firm"),
    )


def unemployment_insurance(firms: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the yearly figures of those with insured staff; yuan as text, so that no fen is lost on the way."""
    scale = pl.col("size").replace_strict({"大型": 900, "中型": 200, "小型": 40, "微型": 9}, default=15)
    base = 1 + draws.below(1_000_000, "headcount") % scale
    full_year = draws.chance(930, "full year")
    december = (base * (70 + draws.below(50, "change")) // 100).clip(lower_bound=0)
    premium = (base + december) * _PREMIUM_PER_HEAD_FEN // 2 + draws.below(9000, "premium fen")
    return (
        firms.with_columns(base=base, december=december, full_year=full_year, premium=premium)
        .filter(draws.chance(720, "insured"))
        .select(
            统一社会信用代码="number",
            适用年度起=pl.lit(_REFUND_YEAR[0]),
            适用年度止=pl.lit(_REFUND_YEAR[1]),
            是否满年参保=pl.when("full_year").then(pl.lit("是")).otherwise(pl.lit("否")),
            基期年末参保人数=pl.when("full_year").then("base"),
            首月参保人数="base",
            年末参保人数="december",
            自然减员人数=pl.when(draws.chance(150, "retired")).then(1).otherwise(0).cast(pl.Int64),
            实缴失业保险费=yuan(pl.col("premium")),
            是否劳务派遣=pl.when(pl.col("industry") == "7264").then(pl.lit("是")).otherwise(pl.lit("否")),
        )
    )


def yuan(fen: pl.Expr) -> pl.Expr:
    """Return fen as the text of yuan with two decimals."""
    return (fen // 100).cast(pl.String) + "." + (fen % 100).cast(pl.String).str.zfill(2)


def document(prefix: str, index: pl.Expr) -> pl.Expr:
    """Return the number of a certificate or decision."""
    return prefix + index.cast(pl.String).str.zfill(7)


def certificates(firms: pl.DataFrame, draws: Draws) -> dict[str, pl.DataFrame]:
    """Return who is certified as what, with the filing of the yearly statistics."""
    certified_on = pl.lit(dt.date(2022, 11, 1)) + pl.duration(days=draws.below(900, "certified"))
    hightech = firms.filter(draws.chance(40, "hightech")).with_columns(certified_on=certified_on)
    specialised = firms.filter(draws.chance(15, "specialised")).with_columns(certified_on=certified_on)
    centres = firms.filter(draws.chance(5, "centre")).with_columns(since=certified_on)
    three_years = pl.col("certified_on").dt.offset_by("3y").dt.offset_by("-1d")
    return {
        "hightech_certificates": hightech.select(
            统一社会信用代码="number",
            认定类型=draws.one_of(("首次认定", "首次认定", "重新认定", "外省市迁入"), "hightech kind"),
            认定日期="certified_on",
            证书有效期起="certified_on",
            证书有效期止=three_years,
        ),
        "torch_statistics": hightech.select(
            统一社会信用代码="number",
            报送状态=pl.when(draws.chance(920, "filed")).then(pl.lit("已报送")).otherwise(pl.lit("未报送")),
        ),
        "specialised_enterprises": specialised.select(
            证书编号=document("ZJTX", pl.col(INDEX)),
            统一社会信用代码="number",
            认定级别=draws.one_of(("市级专精特新",) * 9 + ("国家级小巨人",), "specialised level"),
            认定类型=draws.one_of(("首次认定", "首次认定", "复核通过"), "specialised kind"),
            有效期起="certified_on",
            有效期止=three_years,
        ),
        "technology_centres": centres.select(
            证书编号=document("JSZX", pl.col(INDEX)),
            统一社会信用代码="number",
            级别=draws.one_of(("区级",) * 6 + ("市级",) * 3 + ("国家级",), "centre level"),
            评价结果=draws.one_of(("合格",) * 6 + ("优秀",) * 2 + ("免评", "不合格"), "evaluation"),
            状态起始日期="since",
            状态截止日期=pl.lit(None, dtype=pl.Date),
        ),
    }


def credit(firms: pl.DataFrame, draws: Draws) -> dict[str, pl.DataFrame]:
    """Return who stands on a list of the untrustworthy, and who was found in grave breach of the law."""
    listed_on = pl.lit(TODAY) - pl.duration(days=30 + draws.below(900, "listed"))
    repaired = draws.chance(300, "repaired")
    repaired_on = pl.min_horizontal(listed_on.dt.offset_by("200d"), pl.lit(dt.date(2025, 6, 20)))
    return {
        "credit_lists": firms.filter(draws.chance(20, "untrustworthy"))
        .with_columns(listed_on=listed_on, repaired_on=pl.when(repaired & (repaired_on > listed_on)).then(repaired_on))
        .select(
            列入决定书编号=document("LR", pl.col(INDEX)),
            统一社会信用代码="number",
            名单类型=draws.one_of(("经营异常",) * 5 + ("严重违法失信",), "list"),
            失信等级=draws.one_of(("轻微", "一般", "一般", "严重"), "tier"),
            列入日期="listed_on",
            移出日期=pl.col("repaired_on").dt.offset_by("-1d"),
            修复日期="repaired_on",
        ),
        "major_violations": firms.filter(draws.chance(4, "violation")).select(
            pl.lit(0, dtype=pl.Int64).alias(EDITION),
            决定书编号=document("QP25", pl.col(INDEX)),
            操作=pl.lit("新增"),
            统一社会信用代码="number",
            决定日期=pl.lit(TODAY) - pl.duration(days=20 + draws.below(1000, "decided")),
            违法领域=draws.one_of(("安全生产", "产品质量", "环境保护", "知识产权"), "field of law"),
            修复状态=pl.when(draws.chance(400, "mended")).then(pl.lit("已修复")).otherwise(pl.lit("未修复")),
        ),
    }
