"""What kinds of notices are called on pages and in terminals."""

from collections.abc import Mapping

from core.ledger import NoticeKind

KINDS: Mapping[NoticeKind, str] = {
    NoticeKind.STARTED: "开始享受",
    NoticeKind.AMOUNT_CHANGED: "标准调整",
    NoticeKind.ENDED: "停止享受",
    NoticeKind.HELD: "暂缓享受",
    NoticeKind.OFFERED: "请确认",
    NoticeKind.ASKED: "请补充",
    NoticeKind.REMINDED: "催复",
    NoticeKind.LAPSED: "逾期未复",
    NoticeKind.INFORMED: "政策告知",
    NoticeKind.RECORDED: "登记",
    NoticeKind.EXPIRING: "即将到期",
    NoticeKind.PUBLICISED: "公示",
    NoticeKind.PAID: "已发放",
    NoticeKind.PAYMENT_RETURNED: "退汇",
    NoticeKind.OVERPAID: "多发核实",
    NoticeKind.OVERPAYMENT_DECIDED: "多发决定",
    NoticeKind.GRIEVANCE_RECEIVED: "异议收到",
    NoticeKind.GRIEVANCE_DECIDED: "异议办结",
}
