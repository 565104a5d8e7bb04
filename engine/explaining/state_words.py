"""The words that citizens, enterprises and officers read for states, kinds and outcomes."""

from collections.abc import Mapping

from core.ledger import GrantState, ItemKind, ItemState
from profiles.asking import FactState
from rules.version import Lane

OUTCOME_WORDS: Mapping[str, str] = {"met": "符合", "not_met": "不符合", "unknown": "待核"}

LANE_WORDS: Mapping[Lane, str] = {
    Lane.AUTOMATIC: "一步式（无需办理，直接拨付）",
    Lane.CONFIRM: "确认式（确认意愿和账户后拨付）",
    Lane.GUIDED: "快申快享（系统预填，回答一个问题）",
    Lane.INFORM: "告知（只告知，不经本系统拨付）",
}

BENEFIT_WORDS: Mapping[str, str] = {
    "cash": "资金",
    "reduction": "减免",
    "voucher": "券",
    "service": "服务",
    "tax_credit": "税收抵免",
    "waiver": "免除",
    "deferral": "缓缴",
}

GRANT_WORDS: Mapping[GrantState, str] = {
    GrantState.PROPOSED: "已告知",
    GrantState.OFFERED: "等待确认意愿和账户",
    GrantState.ASKED: "等待申领",
    GrantState.CONFIRMED: "已确认，等待核算",
    GrantState.ACTIVE: "享受中",
    GrantState.HELD: "暂缓，等待数据",
    GrantState.WAIVED: "已自愿放弃",
    GrantState.ENDED: "已终止",
}

ITEM_KIND_WORDS: Mapping[ItemKind, str] = {
    ItemKind.REGULAR: "当期",
    ItemKind.ARREARS: "补发",
    ItemKind.TOP_UP: "补差",
}

ITEM_STATE_WORDS: Mapping[ItemState, str] = {
    ItemState.OPEN: "待拨付",
    ItemState.ON_HOLD: "暂缓拨付",
    ItemState.IN_BATCH: "已列入拨付批次",
    ItemState.INSTRUCTED: "已送银行",
    ItemState.PAID: "已到账",
    ItemState.RETURNED: "银行退回，待重新拨付",
    ItemState.CANCELLED: "已取消",
}

FACT_STATE_WORDS: Mapping[FactState, str] = {
    FactState.KNOWN: "有记录",
    FactState.DISAGREE: "有记录，但部门之间不一致",
    FactState.ABSENT: "未在册",
    FactState.EMPTY: "有记录，但该项未填",
    FactState.RELATED: "相关对象的数据未知",
    FactState.STALE: "数据过期，未按时更新",
    FactState.INCOMPLETE: "数据不全",
    FactState.QUARANTINED: "疑点数据，待部门更正",
    FactState.TOO_OLD: "记录时间过久，不再采用",
    FactState.NEVER: "部门尚未提供当日数据",
}
