import datetime as dt
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import NoticeKind
from delivery.benefit_words import is_paid
from delivery.messages import compose
from delivery.notice_templates import read_templates
from delivery.notice_values import VARIABLES
from delivery.notices import OF_NIGHTS
from rules.version import WrittenVersion
from tests.delivery.samples import change, contact, notices

NIGHT = dt.date(2025, 8, 1)
Change = dict[str, Any]


def of_grant(kind: NoticeKind, subject_id: str, policy: str, event: str, amount_fen: int | None) -> Change:
    """Return a change of a grant that is named by its subject, policy and event."""
    grant = f"{subject_id} {policy} {event}"
    return change(kind, grant_id=grant, subject_id=subject_id, policy=policy, amount_fen=amount_fen)


CHANGES = st.lists(
    st.builds(
        of_grant,
        st.sampled_from(OF_NIGHTS),
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(["p", "q"]),
        st.sampled_from(["loan", "rent"]),
        st.integers(0, 9) | st.none(),
    ),
    max_size=8,
)


@given(CHANGES)
def test_at_most_one_notice_per_subject_policy_and_change(changes: list[Change]) -> None:
    made = notices(changes, NIGHT)

    assert len({(each.subject_id, each.policy, each.kind) for each in made}) == len(made)
    assert len({each.notice_id for each in made}) == len(made)


@given(CHANGES, st.randoms(use_true_random=False))
def test_the_same_night_gives_the_same_notices(changes: list[Change], random: object) -> None:
    """Killed and started again, or given its changes in another order, a night tells nobody twice."""
    shuffled = sorted(changes, key=lambda _: random.random())  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert notices(shuffled, NIGHT) == notices(changes, NIGHT)


@given(CHANGES)
def test_everyone_whose_grant_changed_is_told(changes: list[Change]) -> None:
    told = {(each.subject_id, each.policy) for each in notices(changes, NIGHT)}

    assert told == {(each["subject_id"], each["policy"]) for each in changes}


@pytest.mark.parametrize("kind", OF_NIGHTS)
def test_a_notice_carries_what_its_template_may_show(kind: NoticeKind) -> None:
    (notice,) = notices([change(kind)], NIGHT)

    assert sorted(name for name, _ in notice.values) == sorted(VARIABLES[kind])


def test_months_started_together_are_told_together() -> None:
    """The first month, the newest standard, and everything that is paid now."""
    months = [change(period=f"2025-0{month}", amount_fen=15_000 + month, payable_fen=15_000) for month in (7, 5, 6)]

    (notice,) = notices(months, NIGHT)

    values = dict(notice.values)
    assert (values["since"], values["standard"]) == ("自2025年5月起", "每月150.07元")
    assert values["payment"].startswith("本次应发450.00元，含此前应补发的部分；")


def test_two_events_of_one_night_add_up() -> None:
    events = [change(grant_id=grant, period="once", amount_fen=1_000, payable_fen=1_000) for grant in "ab"]

    (notice,) = notices(events, NIGHT)

    assert dict(notice.values)["standard"] == "一次性20.00元"


def test_an_amount_that_is_open_is_said_to_be_open() -> None:
    (notice,) = notices([change(amount_fen=None)], NIGHT)

    assert dict(notice.values)["standard"] == "以主管部门核定为准"


def test_a_start_says_all_that_a_change_of_amount_would() -> None:
    kinds = [NoticeKind.STARTED, NoticeKind.AMOUNT_CHANGED]

    assert [each.kind for each in notices(map(change, kinds), NIGHT)] == [NoticeKind.STARTED]


def test_another_grant_is_told_by_itself() -> None:
    changes = [change(NoticeKind.STARTED, grant_id="a"), change(NoticeKind.AMOUNT_CHANGED, grant_id="b")]

    assert {each.kind for each in notices(changes, NIGHT)} == {NoticeKind.STARTED, NoticeKind.AMOUNT_CHANGED}


def test_another_night_tells_again() -> None:
    """Ended in March and again in November: two changes, two notices."""
    first, second = (notices([change(NoticeKind.ENDED)], day) for day in (NIGHT, dt.date(2025, 11, 1)))

    assert first[0].notice_id != second[0].notice_id


def test_the_nearest_deadline_counts() -> None:
    changes = [
        change(NoticeKind.OFFERED, grant_id="a", reply_through=dt.date(2025, 9, 1)),
        change(NoticeKind.OFFERED, grant_id="b", reply_through=dt.date(2025, 8, 15)),
    ]

    (notice,) = notices(changes, NIGHT)

    assert dict(notice.values)["reply_by"] == "2025年8月15日前（含当日）"


@pytest.mark.parametrize("kind", [NoticeKind.ENDED, NoticeKind.HELD, NoticeKind.ASKED])
def test_an_adverse_change_gives_its_reasons(kind: NoticeKind) -> None:
    """个人信息保护法 24: a decision with major effect is explained."""
    with pytest.raises(AssertionError, match="without a reason"):
        notices([change(kind, reasons=[])])


@pytest.mark.parametrize(
    ("benefit", "payable_fen", "said"),
    [
        pytest.param("cash", 15_000, "本次应发150.00元；款项按发放日拨付", id="one-period"),
        pytest.param("cash", 45_000, "本次应发450.00元，含此前应补发的部分；", id="arrears-too"),
        pytest.param("cash", 0, "款项按发放日拨付", id="nothing-yet"),
        pytest.param("voucher", 0, "本事项以券的形式发放", id="voucher"),
        pytest.param("deferral", 0, "本事项为缓缴", id="deferral"),
    ],
)
def test_only_money_is_promised_to_an_account(benefit: str, payable_fen: int, said: str) -> None:
    """Who gets a voucher or a service reads of no pay day, no account and no `0.00元`."""
    (notice,) = notices([change(benefit=benefit, payable_fen=payable_fen)], NIGHT)

    payment = dict(notice.values)["payment"]
    assert payment.startswith(said)
    assert ("收款账户" in payment) == (benefit == "cash")


def test_every_benefit_of_a_rule_has_its_words() -> None:
    """A kind of benefit that a rule may name and a letter has no words for would be called money."""
    named = get_args(WrittenVersion.model_fields["benefit"].annotation)

    assert [kind for kind in named if is_paid(kind)] == ["cash"]


def test_an_exemption_without_an_amount_is_as_the_policy_says() -> None:
    """A levy that is not raised is worth no `每年0.00元`."""
    (notice,) = notices([change(NoticeKind.INFORMED, benefit="reduction", amount_fen=0)], NIGHT)

    assert dict(notice.values)["standard"] == "按政策规定执行"


@pytest.mark.parametrize(
    ("kind", "period", "said"),
    [
        pytest.param(NoticeKind.STARTED, "2025-07", "符合“重度残疾人护理补贴”的条件，自2025年7月起享受，", id="month"),
        pytest.param(NoticeKind.STARTED, "once", "符合“重度残疾人护理补贴”的条件，一次性享受，", id="started-once"),
        pytest.param(NoticeKind.AMOUNT_CHANGED, "2025", "标准有调整，自2025年度起按新标准执行。", id="year"),
        pytest.param(NoticeKind.AMOUNT_CHANGED, "once", "标准有调整，目前按新标准执行。", id="changed-once"),
        pytest.param(NoticeKind.ENDED, "2025Q3", "您自2025年第3季度起停止享受", id="quarter"),
        pytest.param(NoticeKind.ENDED, "once", "您目前停止享受", id="ended-once"),
        pytest.param(NoticeKind.HELD, "2025-09-01..2026-01-31", "”自2025年9月1日起暂缓，", id="declared"),
        pytest.param(NoticeKind.HELD, "once", "”目前暂缓，", id="held-once"),
    ],
)
def test_a_letter_says_since_when_as_people_say_it(kind: NoticeKind, period: str, said: str) -> None:
    """A benefit that is paid once has no beginning: 自一次性起 is no Chinese."""
    (notice,) = notices([change(kind, period=period)], NIGHT)

    assert said in compose([notice], contact(), read_templates()).body
