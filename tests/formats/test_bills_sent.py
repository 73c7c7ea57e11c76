"""Bills as they are really sent: exports of the consoles, and the items that the providers' documentation shows."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.formats import FORMATS
from pipelines.formats.json_values import parse
from tests.conftest import REAL_DATA
from tests.formats.bills import judged, read
from tests.formats.reading import read_path

HUAWEI_CSV = (
    "账期,企业项目,账号,产品类型编码,产品类型,产品,计费模式,账单类型,使用开始时间,使用结束时间,资源ID,规格,使用量,使用量单位,"
    "官网价(元),优惠金额(元),应付金额(元),现金支付(元),代金券抵扣(元)\n"
    "2026-03,default,zhangsan,hws.service.type.ebs,云硬盘,高IO,按需,消费-使用,2026-03-05 22:00:00 GMT+08:00,"
    '2026-03-05 23:00:00 GMT+08:00,vol-1,"高IO,10GB",1,小时,3.50,0,3.50,3.00,0.50\n'
    "2026-03,--,zhangsan,hws.service.type.ebs,云硬盘,高IO,包年/包月-月,退款-退订,--,--,vol-2,,,,-3.5,0,-3.5,-3.5,--\n"
)
ALIYUN_CSV = (
    "账期,财务单元,账号ID,账号,产品Code,产品,消费类型,账单开始时间,账单结束时间,订单号/账单号,账单类型,实例ID,地域,计费项,"
    "用量,用量单位,原价,优惠金额,应付金额,现金支付,代金券抵扣,币种\n"
    "2026-03,未分配,185,zone,ecs,云服务器ECS,后付费,2026-03-01 00:00:00,2026-03-01 01:00:00,r1,后付费账单,i-1\t,杭州,"
    "实例,1,小时,2.00,0.50,1.50,1.00,0.50,CNY\n"
)
TENCENT_CSV = (
    "支付者UIN,使用者UIN,产品名称,计费模式,地域,资源 ID,资源别名,交易类型,交易ID,账单月份,开始使用时间,结束使用时间,"
    "组件类型,组件名称,组件刊例价,组件价格单位,组件用量,组件用量单位,组件原价,折扣率,优惠后总价,现金账户支出\n"
    "1,2,云服务器CVM,按量计费,上海,ins-1,n,按量计费小时结,b,2026-03,2026/03/01 00:00:00,2026/03/01 01:00:00,CPU,核,"
    "0.1,元/核/小时,8,核,0.80,1,0.80,0.80\n"
)
TENCENT_ENGLISH = (
    "Payer Account ID,Owner Account ID,Product Name,Transaction Type,Bill Month,Component Name,Original Cost,Currency,"
    "Total Amount After Discount (Excluding Tax)\n1,2,CVM,Hourly settlement,2026-03,CPU,0.80,USD,0.70\n"
)


@pytest.mark.parametrize(
    ("name", "text", "costs"),
    [
        ("huawei_bill", HUAWEI_CSV, [("3.50", "3.50"), ("-3.5", "-3.5")]),
        ("aliyun_bill", ALIYUN_CSV, [("2.00", "1.50")]),
        ("tencent_bill", TENCENT_CSV, [("0.80", "0.80")]),
        ("tencent_bill", TENCENT_ENGLISH, [("0.80", "0.70")]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_exports_of_the_console_are_read(
    tmp_path: Path, name: str, text: str, costs: list[tuple[str, str]], encoding: str
) -> None:
    data = text.replace("\n", "\r\n").encode(encoding)
    options = {"encoding": "gb18030"} if encoding == "gb18030" else {}
    rows, tally = read(tmp_path, name, data, **options)
    assert rows.select("list_cost", "billed_cost").rows() == costs
    assert judged(rows) == [""] * len(costs)
    assert tally.labels.get("parts do not add up to the amount") is None
    assert [other for other, each in FORMATS.items() if each.sniff(data)] == [name]
    if name == "huawei_bill":
        assert rows["charge_period_start"].dt.epoch("s").to_list() == [1772719200, None]
        assert parse(rows["native"][0])[0]["代金券抵扣(元)"] == "0.50"
    assert rows["tax_included"][0] is (False if text == TENCENT_ENGLISH else None)


REAL = REAL_DATA / "cloud_bills"
LINES: dict[str, tuple[str, dict[str, Any], str]] = {
    "aliyun_DescribeInstanceBill_docexample_item.json": (
        "aliyun_bill",
        {"billing_account": "122", "billing_period": "2020-03", "billed_cost": "0.1", "charge_category": "Usage",
         "resource_id": "i-dadada", "consumed_unit": "GB", "billing_currency": "CNY"},
        "",
    ),
    "bkhcm_list_bill_in_resource_4_huawei.json": (
        "huawei_bill",
        {"billing_period": "2023-04", "billed_cost": "4.6", "list_cost": "4.6", "billing_currency": "USD",
         "charge_category": "Purchase", "region_id": "ap-southeast-1"},
        "",
    ),
    "bkhcm_list_bill_item_for_third_party_3_huawei.json": (
        "huawei_bill",
        {"line_id": "037e8a2b-bde******9eb5153cba_1", "billed_cost": "0.81", "billing_period": "2020-12",
         "consumed_quantity": "147"},
        "",
    ),
    "tencent_DescribeBillDetail_1.json": (
        "tencent_bill",
        {"billed_cost": "-80.89000000", "charge_category": "Purchase", "charge_class": "Correction",
         "billing_period": "2023-07", "billing_currency": "CNY", "sku_id": "virtual_v_cvm_compute_s2"},
        "",
    ),
    "ctyun_cdn_query-bill-detail-list_docexample.json": (
        "ctyun_bill",
        {"consumed_quantity": "1472658.58", "consumed_unit": "Mbps", "billing_period": "2022-08", "billed_cost": None},
        "billing_account.required,billed_cost.required,item.no_amount",
    ),
}  # fmt: skip


@pytest.mark.skipif(not REAL.is_dir(), reason=f"needs the real bill items in {REAL_DATA}")
@pytest.mark.parametrize("file", LINES)
def test_documented_items_go_in(file: str) -> None:
    """The CDN's item has no amount: it is usage, not a bill, and says so."""
    name, expected, broken = LINES[file]
    rows, tally = read_path(name, "cloud_charges", REAL / file)
    assert rows.select(*expected).row(0, named=True) == expected
    assert (rows.height, tally.records_read, judged(rows)) == (1, 1, [broken])
    assert [other for other, each in FORMATS.items() if each.sniff((REAL / file).read_bytes())] == [name]
