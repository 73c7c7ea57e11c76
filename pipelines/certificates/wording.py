"""What a certificate's page says in its own words, in Chinese and English. Figures come from elsewhere."""

from collections.abc import Mapping
from typing import Any

from data_contracts.dictionary import Text

FIGURES = {
    "rows_in": Text("Rows in", "收到行数"),
    "accepted": Text("Accepted", "接收"),
    "quarantined": Text("Quarantined", "隔离（拒收）"),
    "duplicates": Text("Exact duplicates", "完全重复"),
    "set_aside": Text("Set aside", "另行搁置"),
}
MARKS = {"green": "✓", "amber": "!", "red": "✗"}
VERDICTS = {
    "green": Text("Green: passed", "合格"),
    "amber": Text("Amber: passed, with remarks", "合格，但有提示"),
    "red": Text("Red: not passed", "不合格"),
}
MEANINGS = {
    "green": Text(
        "Every row sent was accepted or is an exact duplicate, and every expectation is met.",
        "所有收到的行均已接收（或为完全重复），各项期望全部满足。",
    ),
    "amber": Text(
        "What was accepted holds the contract. Please see the remarks below; correct and send again "
        "what needs it.",
        "已接收的数据符合契约。请查看下列提示，并将需要更正的部分更正后重新发送。",
    ),
    "red": Text(
        "What is stored breaks the contract, differs from its record, or a delivery was rejected whole. "
        "Do not rely on this data until the findings below are settled.",
        "存储的数据违反契约、与记录不一致，或有交付被整份拒收。在下列问题解决之前，请勿依赖该数据。",
    ),
}
SEVERITIES = {"red": Text("not passed", "不合格"), "amber": Text("remark", "提示")}


def basis(document: Mapping[str, Any], earlier: int) -> tuple[Text, ...]:
    """What was read, by what, and how remarks come about; `earlier` deliveries say what is usual."""
    sample, library = document["sample"], f"Great Expectations {document['great_expectations']}"
    bound, read = f"{sample['rows_per_delivery']:,}", f"{sample['rows_read']:,}"
    accepted = f"{document['counts']['accepted']:,}"
    whole, deliveries = sample["deliveries_read_whole"], len(document["deliveries"])
    return (
        Text(
            "Every row was checked against all rules of the contract before it was accepted. This certificate "
            f"is an independent second reading of accepted rows, by {library}.",
            f"每一行在接收之前均已按契约的全部规则检查。本证书由 {library} 独立地再读一遍已接收的行。",
        ),
        Text(
            f"Of each delivery at most {bound} rows are read: all of them, or as many drawn at random with "
            f"the landing as seed. Here: {read} of {accepted} accepted rows, {whole} of {deliveries} "
            "deliveries whole.",
            f"每份交付至多读取 {bound} 行：不足者全部读取，超过者以交付编号为种子随机抽取。"
            f"本次读取 {accepted} 行中的 {read} 行，{deliveries} 份交付中 {whole} 份为全部读取。",
        ),
        Text(
            "All bytes of every stored file were held against the SHA-256 recorded when it was written.",
            "每个存储文件的全部字节均与写入时记录的 SHA-256 核对。",
        ),
        Text(
            f"What is usual, up to {earlier} earlier deliveries of the same source and dataset say; without "
            "enough of them nothing is said of it. Lateness, volume and shifts of unknown values are remarks "
            "only.",
            f"“通常”依据同一来源、同一数据集此前至多 {earlier} 份交付；历史不足时不作判断。"
            "迟到、行数与空值比例的变化仅作提示。",
        ),
        Text("Times are Beijing time (UTC+8).", "时间为北京时间（UTC+8）。"),
    )
