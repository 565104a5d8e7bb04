"""The lists of the supervision as rows of cells: for a terminal and for a workbook, in Chinese."""

from collections.abc import Sequence

from engine.supervising.books import Cell, Fen, Sheet
from engine.supervising.concerns import Worklist
from engine.supervising.debts import DebtReport
from engine.supervising.limits import Matter, Standing
from engine.supervising.points import PointReport
from engine.supervising.points_file import Wrong
from engine.supervising.reach import ReachReport

MATTERS = {
    Matter.NIGHT: "夜间批次缺失",
    Matter.GUARD: "阈值报警",
    Matter.RESOURCE: "数据时效",
    Matter.UNKNOWN: "待核",
    Matter.HELD_DUES: "应享挂起",
    Matter.ON_HOLD: "明细挂起",
    Matter.LEFT_OPEN: "未入批次",
    Matter.BATCH: "批次待发",
    Matter.BANK: "银行未结",
    Matter.EXCEPTION: "回单例外",
    Matter.PROPOSAL: "方案待批",
    Matter.SAMPLE: "样本待复核",
    Matter.SUSPENSION: "暂停中",
    Matter.CASE: "多付案件",
    Matter.GRIEVANCE: "异议投诉",
    Matter.NOTICE: "告知未达",
}

STANDINGS = {Standing.OVERDUE: "超期", Standing.NEAR: "临期", Standing.OPEN: "在办"}
WRONGS = {Wrong.UNDESERVED: "不应享而享", Wrong.UNSERVED: "应享未享", Wrong.RECORD: "台账不实"}


def _fen(amount: int | None) -> Cell:
    return None if amount is None else Fen(amount)


def concern_sheet(listed: Worklist) -> Sheet:
    """Return the one list, the most overdue first."""
    rows: list[Sequence[Cell]] = [
        (
            STANDINGS[each.standing], each.due_on, MATTERS[each.matter], each.label, each.why, each.count,
            _fen(each.amount_fen), each.since, each.owner, each.who, each.about,
        )
        for each in listed.concerns
    ]  # fmt: skip
    columns = ("状态", "期限", "事由", "事项", "说明", "数量", "金额（元）", "起", "责任部门", "经办", "编号")
    return Sheet("监察清单", columns, rows)


def reach_sheet(report: ReachReport) -> Sheet:
    """Return what every policy reached."""
    rows: list[Sequence[Cell]] = [
        (
            each.title, each.owner, each.entitled_count, each.told_count, each.paid_count, each.unknown_count,
            each.days_median, each.days_most, Fen(each.paid_year_fen), each.paid_ever_count, Fen(each.paid_ever_fen),
            each.steps_saved, each.visits_saved, each.documents_saved,
        )
        for each in report.policies
    ]  # fmt: skip
    columns = (
        "事项", "主管部门", "应享人数", "已告知", "已到账", "待核", "兑付天数中位", "九成以内", "本年支付（元）",
        "历年受益人数", "历年支付（元）", "减少环节", "少跑次数", "少交材料",
    )  # fmt: skip
    return Sheet("事项成效", columns, rows)


def debt_sheet(report: DebtReport) -> Sheet:
    """Return what every department owes."""
    rows: list[Sequence[Cell]] = [
        (
            each.department, each.resource_count, each.late_count, each.days_late, each.subject_count,
            each.outcome_count, Fen(each.waiting_fen), each.newcomer_count,
            "、".join(f"{fact.label} {fact.subject_count:,}" for fact in each.facts),
        )
        for each in report.departments
    ]  # fmt: skip
    columns = (
        "部门", "资源数", "迟交过期", "最长逾期天数", "待核人数", "待核项数", "每期待定（元）", "首次待核项数", "所缺事实",
    )  # fmt: skip
    return Sheet("部门欠账", columns, rows)


def point_sheets(report: PointReport) -> tuple[Sheet, Sheet]:
    """Return the points, and every policy both ways."""
    points: list[Sequence[Cell]] = [
        (
            WRONGS[each.wrong], each.label, each.policy, each.subject_count, each.unknown_count, Fen(each.paid_fen),
            Fen(each.case_fen), each.point,
        )
        for each in report.points
    ]  # fmt: skip
    policies: list[Sequence[Cell]] = [
        (
            each.title, each.owner, each.unserved_count, Fen(each.ready_fen), Fen(each.on_hold_fen),
            Fen(each.returned_fen), each.undeserved_count, Fen(each.undeserved_fen),
        )
        for each in report.policies
    ]  # fmt: skip
    named = ("类别", "监督点", "关联事项", "人数", "不能判定", "已付（元）", "其中已立案（元）", "代码")
    both = (
        "事项", "主管部门", "应享未享人数", "待发（元）", "挂起（元）", "退汇（元）", "不应享而享人数", "不应享而享（元）",
    )  # fmt: skip
    return Sheet("监督点", named, points), Sheet("双向核对", both, policies)
