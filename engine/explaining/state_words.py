"""The words that citizens, enterprises and officers read for states, kinds and outcomes."""

from collections.abc import Mapping

from core.ledger import ActKind, GrantState, ItemKind, ItemState
from profiles.asking import FactState
from rules.version import Lane
from store.states.lanes import ObjectionState

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
    GrantState.PROPOSED: "比对符合",
    GrantState.OFFERED: "等待确认意愿和账户",
    GrantState.ASKED: "等待申领",
    GrantState.CONFIRMED: "已确认，等待核算",
    GrantState.ANSWERED: "已答复，等待核算",
    GrantState.DECLINED: "本人不申领，可以要求重新告知",
    GrantState.LAPSED: "逾期未答复，可以要求重新告知",
    GrantState.CHECKED: "部门已确认",
    GrantState.PUBLICISED: "公示中",
    GrantState.OBJECTED: "有异议，正在查清",
    GrantState.ACTIVE: "享受中",
    GrantState.HELD: "暂缓，等待数据",
    GrantState.WAIVED: "已自愿放弃",
    GrantState.ENDED: "已终止",
    GrantState.WITHDRAWN: "未列入",
}

ACT_WORDS: Mapping[ActKind, str] = {
    ActKind.OFFER: "告知并征询意愿",
    ActKind.ASK: "询问",
    ActKind.REMIND: "提醒",
    ActKind.CONFIRM: "本人确认",
    ActKind.ANSWER: "本人答复",
    ActKind.DEEM: "视为同意",
    ActKind.DECLINE: "本人不申领",
    ActKind.LAPSE: "逾期未答复",
    ActKind.CHECK: "部门确认",
    ActKind.STRIKE: "部门剔除",
    ActKind.RESTORE: "部门恢复",
    ActKind.PUBLICISE: "列入公示",
    ActKind.OBJECT: "收到异议",
    ActKind.DISMISS: "异议不成立",
    ActKind.UPHOLD: "异议成立",
    ActKind.CLEAR: "公示期满无异议",
    ActKind.WITHDRAW: "不再符合，退出",
    ActKind.WAIVE: "自愿放弃",
    ActKind.REVOKE_WAIVER: "撤回放弃",
    ActKind.SUSPECT_RENUMBERING: "疑似号码变更",
    ActKind.CONFIRM_IDENTITY: "确认并非同一对象",
}

OBJECTION_WORDS: Mapping[ObjectionState, str] = {
    ObjectionState.OPEN: "待决",
    ObjectionState.DISMISSED: "不成立",
    ObjectionState.UPHELD: "成立",
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
    ItemState.SET_OFF: "已抵扣",
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
