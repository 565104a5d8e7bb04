"""What kinds of notices, and reasons of where they stand, are called on pages and in terminals."""

from collections.abc import Mapping

from core.ledger import NoticeKind
from delivery.codes import DeliveryCode

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

BECAUSE: Mapping[str, str] = {
    DeliveryCode.NO_CONTACT.value: "没有可用的联系方式，本人在网页上可以看到",
    DeliveryCode.REFUSED_FOR_GOOD.value: "渠道不收",
    DeliveryCode.REFUSED_FOR_NOW.value: "渠道暂时不收，稍后再发",
    DeliveryCode.CHANNEL_DOWN.value: "渠道不通",
    DeliveryCode.IN_DOUBT.value: "不知道渠道是否已经收下",
    DeliveryCode.GIVEN_UP.value: "多次没有发出，已放弃",
}
"""Why a message stands where it does, by the code that it was left with; other words are the channel's own."""
