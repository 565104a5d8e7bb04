"""The rows of planted enterprises in the registers."""

import datetime as dt

from engine.district.cast import Cast
from engine.district.numbers import credit_code

_YEAR = (dt.date(2025, 1, 1), dt.date(2025, 12, 31))


def add_firm(
    cast: Cast, body: str, name: str, *, industry: str, size: str | None = "小型", taxed_in: str = "310118106"
) -> str:
    """Add an enterprise and return its made-up credit code."""
    number = credit_code(body)
    register_firm(cast, number, name, industry=industry, size=size, taxed_in=taxed_in)
    return number


def register_firm(
    cast: Cast, number: str, name: str, *, industry: str, size: str | None = "小型", taxed_in: str = "310118106"
) -> None:
    """Add the rows that every enterprise has."""
    established = dt.date(2012, 5, 8)
    cast.add(
        "enterprise_register",
        统一社会信用代码=number,
        企业名称=name,
        登记状态代码="1",
        登记区划="310118106",
        行业代码=industry,
        企业规模=size,
        成立日期=established,
        状态起始日期=established,
        状态截止日期=None,
        联系电话=None,
    )
    cast.add("tax_register", 统一社会信用代码=number, 主管税务区划=taxed_in, 纳税信用等级="B")
    cast.add(
        "enterprise_accounts",
        统一社会信用代码=number,
        账户名称=name,
        银行账号=f"9999009{len(cast.rows['enterprise_accounts']):012d}",
        开户银行="中国建设银行",
    )


def add_insured(
    cast: Cast, number: str, *, base: int, december: int, attrition: int, premium: str, dispatch: str = "否"
) -> None:
    """Add the yearly figures of unemployment insurance."""
    cast.add(
        "unemployment_insurance_yearly",
        统一社会信用代码=number,
        适用年度起=_YEAR[0],
        适用年度止=_YEAR[1],
        是否满年参保="是",
        基期年末参保人数=base,
        首月参保人数=base,
        年末参保人数=december,
        自然减员人数=attrition,
        实缴失业保险费=premium,
        是否劳务派遣=dispatch,
    )


def certify_hightech(cast: Cast, number: str, *, filed: str) -> None:
    """Add a high-tech certificate and whether the yearly statistics were filed."""
    cast.add(
        "hightech_certificates",
        统一社会信用代码=number,
        认定类型="首次认定",
        认定日期=dt.date(2024, 12, 4),
        证书有效期起=dt.date(2024, 12, 4),
        证书有效期止=dt.date(2027, 12, 3),
    )
    cast.add("torch_statistics", 统一社会信用代码=number, 报送状态=filed)


def certify_specialised(cast: Cast, number: str, level: str, kind: str) -> None:
    """Add a certificate as 专精特新 or 小巨人."""
    cast.add(
        "specialised_enterprises",
        证书编号=_document(cast, "specialised_enterprises", "ZJTX"),
        统一社会信用代码=number,
        认定级别=level,
        认定类型=kind,
        有效期起=dt.date(2023, 10, 1),
        有效期止=dt.date(2026, 9, 30),
    )


def recognise_centre(
    cast: Cast,
    number: str,
    level: str,
    evaluation: str | None,
    *,
    since: dt.date = dt.date(2023, 11, 20),
    first: int = 0,
) -> None:
    """Add a recognised technology centre; no evaluation means an empty cell."""
    cast.add(
        "technology_centres",
        first=first,
        证书编号=_document(cast, "technology_centres", "JSZX"),
        统一社会信用代码=number,
        级别=level,
        评价结果=evaluation,
        状态起始日期=since,
        状态截止日期=None,
    )


def list_untrustworthy(cast: Cast, number: str, kind: str, *, since: dt.date, repaired_on: dt.date | None) -> None:
    """Put an enterprise on a list; a repaired entry ends on the day before."""
    cast.add(
        "credit_lists",
        列入决定书编号=_document(cast, "credit_lists", "LR"),
        统一社会信用代码=number,
        名单类型=kind,
        失信等级="严重" if kind == "严重违法失信" else "一般",
        列入日期=since,
        移出日期=repaired_on - dt.timedelta(days=1) if repaired_on else None,
        修复日期=repaired_on,
    )


def _document(cast: Cast, resource: str, prefix: str) -> str:
    """Return the number of the next planted certificate or decision, above all others."""
    return f"{prefix}9{len(cast.rows[resource]):06d}"
