"""Items as the providers' bill interfaces send them, and how tests read them."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats.base import Tally
from tests.formats.reading import read_path

NAMES = ("aliyun_bill", "ctyun_bill", "huawei_bill", "tencent_bill")
ITEMS: dict[str, dict[str, Any]] = {
    "huawei_bill": {
        "cycle": "2026-03", "bill_type": 5, "customer_id": "c", "cloud_service_type_name": "ECS", "amount": "1.50",
        "official_amount": "2.00", "measure_id": 1, "trade_id": "t",
    },
    "aliyun_bill": {
        "BillingCycle": "2026-03", "Item": "PayAsYouGoBill", "BillAccountID": "a", "ProductName": "ECS",
        "PretaxAmount": "1.50", "PretaxGrossAmount": "2.00", "Currency": "CNY", "RecordID": "r",
    },
    "tencent_bill": {
        "BillMonth": "2026-03", "ActionType": "postpay_deduct_h", "PayerUin": "p", "BusinessCodeName": "CVM",
        "RealCost": "1.50", "Cost": "2.00", "PriceUnit": "元/个/月", "Id": "1",
    },
    "ctyun_bill": {
        "billingCycleId": "202603", "billMode": "2", "accountId": "a", "productName": "ECS", "payableAmount": "1.50",
        "price": "2.00",
    },
}  # fmt: skip
PLACES = {
    "huawei_bill": ("fee_records",),
    "aliyun_bill": ("Data", "Items"),
    "tencent_bill": ("Response", "DetailSet"),
    "ctyun_bill": ("returnObj", "result"),
}


def read(folder: Path, name: str, text: str | bytes, **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_path(name, "cloud_charges", path, options)


def judged(rows: pl.DataFrame) -> list[str]:
    """All rules that each row breaks, the contract's too."""
    contract = load_contract("cloud_charges")
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


def page(name: str, *items: dict[str, Any]) -> str:
    document: Any = list(items)
    for key in reversed(PLACES[name]):
        document = {key: document}
    return json.dumps(document, ensure_ascii=False)


def as_csv(*items: dict[str, Any]) -> str:
    return "\n".join(
        [",".join(items[0]), *(",".join(str(each) for each in item.values()) for item in items), ""]
    )
