import datetime as dt

import pytest

from engine.explaining.distance import Distance, distances
from rules.closures import Facts
from tests.rules.samples import DAY, bind


@pytest.mark.parametrize(
    ("text", "facts", "held", "limit", "gap"),
    [
        pytest.param("家庭人数 >= 5", {"household_size": 3}, "3人", "不低于5人", "还差2人", id="at-least"),
        pytest.param("家庭人数 > 5", {"household_size": 5}, "5人", "高于5人", "还差1人", id="more-than"),
        pytest.param("家庭人数 <= 30", {"household_size": 31}, "31人", "不高于30人", "超出1人", id="at-most"),
        pytest.param("家庭人数 < 30", {"household_size": 30}, "30人", "低于30人", "超出1人", id="less-than"),
        pytest.param("30 >= 家庭人数", {"household_size": 31}, "31人", "不高于30人", "超出1人", id="turned-round"),
        pytest.param("not 家庭人数 > 30", {"household_size": 33}, "33人", "不高于30人", "超出3人", id="negated"),
        pytest.param(
            "家庭月收入 > 0", {"income_month": 0}, "0.00元", "高于0.00元", "还差0.01元", id="money-is-counted-in-fen"
        ),
        pytest.param(
            "家庭月收入 <= 1万",
            {"income_month": 1_234_567},
            "12,345.67元",
            "不高于10,000.00元",
            "超出2,345.67元",
            id="money",
        ),
        pytest.param("费率 >= 0.5", {"rate": 4_321}, "0.4321", "不低于0.5", "还差0.0679", id="decimal"),
        pytest.param(
            "1 - 家庭人数 / 残疾等级 <= 5.5%",
            {"household_size": 28, "level": 31},
            "约9.68%",
            "不高于5.5%",
            "超出约4.18个百分点",
            id="a-share-is-rounded-and-says-so",
        ),
        pytest.param(
            "1 - 家庭人数 / 残疾等级 < 5.5%",
            {"household_size": 189, "level": 200},
            "5.5%",
            "低于5.5%",
            "恰在界线上",
            id="exactly-at-the-limit",
        ),
        pytest.param("家庭人数 * 2 >= 9", {"household_size": 4}, "8", "不低于9", "还差1", id="a-sum-has-no-unit"),
        pytest.param(
            "full_years(出生日期) >= 65", {"born_on": dt.date(1963, 8, 2)}, "61年", "不低于65年", "还差4年", id="years"
        ),
        pytest.param(
            "full_months(发证日期) >= 6",
            {"issued_on": dt.date(2025, 6, 1)},
            "2个月",
            "不低于6个月",
            "还差4个月",
            id="months",
        ),
        pytest.param(
            '发证日期 >= d"2025-07-01"',
            {"issued_on": dt.date(2025, 6, 29)},
            "2025年6月29日",
            "不早于2025年7月1日",
            "早了2天",
            id="a-day-too-early",
        ),
        pytest.param(
            '发证日期 < d"2025-07-01"',
            {"issued_on": dt.date(2025, 7, 1)},
            "2025年7月1日",
            "早于2025年7月1日",
            "晚了1天",
            id="a-day-too-late",
        ),
        pytest.param(
            '发证日期 >= d"2025-07-01"',
            {"issued_on": dt.date(2005, 7, 1)},
            "2005年7月1日",
            "不早于2025年7月1日",
            "早了约20年",
            id="nobody-counts-the-days-of-twenty-years",
        ),
        pytest.param(
            "发证日期 - 出生日期 >= 30",
            {"issued_on": dt.date(2025, 7, 10), "born_on": dt.date(2025, 7, 1)},
            "9天",
            "不低于30天",
            "还差21天",
            id="days-between",
        ),
    ],
)
def test_one_comparison(text: str, facts: Facts, held: str, limit: str, gap: str) -> None:
    """What is held, what is asked, and what lies between, with the unit of the fact."""
    (said,) = distances(bind(text), facts, DAY)

    assert (said.held, said.limit, said.gap) == (held, limit, gap)


def test_only_what_fails_is_measured() -> None:
    """Of several conditions that must all hold, those that do are left out."""
    said = distances(
        bind("家庭人数 >= 1 and 家庭人数 <= 30 and 残疾等级 <= 2"), {"household_size": 33, "level": 3}, DAY
    )

    assert said == (
        Distance("家庭人数", "33人", "不高于30人", "超出3人"),
        Distance("残疾等级", "3", "不高于2", "超出1"),
    )


def test_a_negated_alternative_asks_for_both() -> None:
    """Not (a or b) is neither a nor b."""
    said = distances(bind("not (家庭人数 > 30 or 残疾等级 > 2)"), {"household_size": 33, "level": 3}, DAY)

    assert [each.gap for each in said] == ["超出3人", "超出1"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("家庭人数 >= 9 or 残疾等级 >= 9", {"household_size": 1, "level": 1}, id="alternatives"),
        pytest.param("残疾等级 == 1", {"level": 3}, id="equality"),
        pytest.param("残疾等级 in [1, 2]", {"level": 3}, id="a-list"),
        pytest.param("not 特困供养", {"is_tekun": True}, id="yes-or-no"),
        pytest.param("not (特困供养 and 工伤护理费)", {"is_tekun": True, "is_nursed": True}, id="not-both"),
        pytest.param("特困供养 == 工伤护理费", {"is_tekun": True, "is_nursed": False}, id="two-conditions"),
    ],
)
def test_nothing_is_said_where_it_is_not_simple(text: str, facts: Facts) -> None:
    """Alternatives, lists and plain yes or no have no distance."""
    assert distances(bind(text), facts, DAY) == ()


def test_a_double_negation_is_none() -> None:
    """Not not is nothing."""
    said = distances(bind("not (not (家庭人数 >= 5))"), {"household_size": 3}, DAY)

    assert [each.gap for each in said] == ["还差2人"]
