"""What states of batches, payments and files, and verdicts on lines of the bank's, are called on pages and in terminals."""

from delivery.accounts import PassedOver
from store.states.paying import AttemptState, BatchState, FileState, Verdict

STATE_WORDS = {
    BatchState.FROZEN: "待审批", BatchState.IN_APPROVAL: "审批中", BatchState.APPROVED: "已批准，待发出",
    BatchState.REJECTED: "已驳回", BatchState.CANCELLED: "已撤销", BatchState.STOPPED: "已叫停",
    BatchState.EXPORTED: "已发出文件", BatchState.SUBMITTED: "已交银行", BatchState.SUBMISSION_UNKNOWN: "是否送达不明",
    BatchState.NOT_RECEIVED: "银行未收到", BatchState.ACKNOWLEDGED: "银行已受理", BatchState.FILE_REJECTED: "银行拒收",
    BatchState.STOP_REQUESTED: "已请银行止付", BatchState.STOP_CONFIRMED: "银行已止付", BatchState.STOP_FAILED: "止付未成",
    BatchState.SETTLING: "回单未齐", BatchState.SETTLED: "回单已齐，待对账", BatchState.RECONCILED: "已对账",
    BatchState.CLOSED: "已结案", BatchState.RELEASED: "已释放",
}  # fmt: skip
ATTEMPT_WORDS = {
    AttemptState.CREATED: "待发出", AttemptState.VOIDED: "已撤出", AttemptState.INSTRUCTED: "在途",
    AttemptState.UNKNOWN: "结果不明", AttemptState.CONFIRMED_PAID: "已到账", AttemptState.CONFIRMED_FAILED: "支付失败",
    AttemptState.RETURNED: "退票",
}  # fmt: skip
FILE_WORDS = {
    FileState.EXPORTED: "已写出", FileState.SUBMITTED: "已交银行", FileState.SUBMISSION_UNKNOWN: "是否送达不明",
    FileState.NOT_RECEIVED: "银行未收到", FileState.ACKNOWLEDGED: "银行已受理", FileState.REJECTED: "银行拒收",
    FileState.SETTLED: "回单已齐",
}  # fmt: skip
VERDICT_WORDS = {
    Verdict.MATCHED: "相符 matched", Verdict.DUPLICATE: "重复 said before", Verdict.LATE_CHANGE: "事后退票 late returns",
    Verdict.EXCEPTION: "待核 exceptions",
}  # fmt: skip
BECAUSE_WORDS = {
    "unreadable": "无法读取", "unknown_reference": "不是本系统的参考号", "never_sent": "从未发出", "amount": "金额不符",
    "account": "账号不符", "name": "户名不符", "contradicted": "既称成功又称失败",
}  # fmt: skip
PASSED_OVER_WORDS = {PassedOver.MISSING: "首选部门没有账户", PassedOver.CLOSED: "首选账户银行称已销户"}
