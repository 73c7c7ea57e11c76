"""Who takes part: parties, tenants in four segments, and their accounts at the sites. All names are invented.

Prices are in `catalogue`. Rows of business tables are dicts of text by column; an absent value is "".
"""

from dataclasses import dataclass
from datetime import date

from pipelines.simulate.network import World

TableRow = dict[str, str]

HOUSEHOLDS = 300
NETWORK_OPERATOR = "party-network"
TAX_AUTHORITY = "party-tax"
PARTY_NAMES = {
    "party-zhengsuan": ("Zhengsuan platform operator (simulated)", "郑算平台运营公司（模拟）"),
    NETWORK_OPERATOR: (
        "Zhengzhou-Qingyang-Hami network operator (simulated)",
        "郑庆哈城市算力网运营方（模拟）",
    ),
    TAX_AUTHORITY: ("Tax authority", "税务机关"),
}
CAMPUSES = (
    ("songyang", "Songyang University", "嵩阳大学"),
    ("huanghe", "Huanghe Institute of Science", "黄河科学学院"),
    ("shangcheng", "Shangcheng Normal University", "商城师范大学"),
)
DEPARTMENTS = ("phys", "chem", "bio", "geo", "mat", "cs")
PARKS = (
    ("Maple Science Park", "枫香科创园"),
    ("Lotus Street Industrial Park", "莲花街产业园"),
    ("Bamboo Digital Park", "翠竹数字园"),
    ("Yinping Road Software Park", "银屏路软件园"),
    ("Changchun Road Incubator", "长椿路孵化园"),
)
TRADES = ("weather", "vision", "drug", "cfd", "render", "speech", "chip", "traffic")
TRADES_ZH = ("气象", "视觉", "新药", "仿真", "渲染", "语音", "芯片", "交通")
UNOWNED = ("guest", "sysbench")


@dataclass(frozen=True)
class Account:
    """An account at a site, the segment that uses it and its share of the site's submissions."""

    site_id: str
    account: str
    segment: str
    weight: float


@dataclass(frozen=True)
class Tenancy:
    """The business tables about parties and tenants, the accounts that jobs use, and the account that moves."""

    parties: list[TableRow]
    tenants: list[TableRow]
    accounts: list[Account]
    mappings: list[TableRow]
    remapping: list[TableRow]


def tenancy(world: World, moved_on: date) -> Tenancy:
    """All parties, tenants and accounts; one account changes its tenant on business day `moved_on`."""
    tenants, groups = _tenants(world)
    owned = _owned_accounts([row["tenant_id"] for row in tenants if row["segment"] == "household"])
    segments = {row["tenant_id"]: row["segment"] for row in tenants}
    accounts = [Account(site, name, segments[tenant], weight) for site, name, tenant, weight in owned]
    sites = sorted({account.site_id for account in accounts})
    accounts += [Account(site, name, "nobody", 0.5) for site in sites for name in UNOWNED]
    mappings = [mapping(site, name, tenant, world.params.opened) for site, name, tenant, _ in owned]
    old = next(row for row in mappings if row["account"] == "ent07" and row["site_id"] == "nscc-zz")
    new = mapping("nscc-zz", "ent07", "park-02", moved_on)
    parties = _site_parties(world) + groups + [_tenant_party(world.params.opened, row) for row in tenants]
    return Tenancy(parties, tenants, accounts, mappings, [old | {"valid_to": moved_on.isoformat()}, new])


def mapping(site: str, account: str, tenant: str, valid_from: date) -> TableRow:
    """Whose an account is from a day on."""
    return {
        "site_id": site,
        "account": account,
        "valid_from": valid_from.isoformat(),
        "tenant_id": tenant,
        "valid_to": "",
    }


def _party(opened: date, party_id: str, kind: str, names: tuple[str, str], tax_id: str = "") -> TableRow:
    return {
        "party_id": party_id,
        "valid_from": opened.isoformat(),
        "kind": kind,
        "name_en": names[0],
        "name_zh": names[1],
        "tax_id": tax_id,
    }


def _site_parties(world: World) -> list[TableRow]:
    """The providers of all configured sites, the operators, the network's operator and the tax authority."""
    rows: dict[str, TableRow] = {}
    opened = world.params.opened
    sources = list(world.sources.values())
    for number, source in enumerate(sources):
        if source.provider_party and source.provider_party not in rows:
            tax_id = f"91410100MA0SIM{number:04d}"
            names = (source.name_en, source.name_zh)
            rows[source.provider_party] = _party(opened, source.provider_party, "provider", names, tax_id)
    for operator in sorted({source.operator_party for source in sources if source.operator_party}):
        rows.setdefault(
            operator, _party(opened, operator, "operator", PARTY_NAMES.get(operator, (operator, operator)))
        )
    rows[NETWORK_OPERATOR] = _party(
        opened, NETWORK_OPERATOR, "network_operator", PARTY_NAMES[NETWORK_OPERATOR]
    )
    rows[TAX_AUTHORITY] = _party(opened, TAX_AUTHORITY, "tax_authority", PARTY_NAMES[TAX_AUTHORITY])
    return list(rows.values())


def _tenant_party(opened: date, row: TableRow) -> TableRow:
    return _party(opened, row["tenant_id"], "tenant", (row["name_en"], row["name_zh"]))


def _tenant(
    opened: date, tenant_id: str, names: tuple[str, str], segment: str, group: str = "", member: str = ""
) -> TableRow:
    return {
        "tenant_id": tenant_id,
        "valid_from": opened.isoformat(),
        "name_en": names[0],
        "name_zh": names[1],
        "segment": segment,
        "group_party_id": group,
        "member_class": member,
    }


def _tenants(world: World) -> tuple[list[TableRow], list[TableRow]]:
    """The tenants and the groups that they belong to."""
    opened = world.params.opened
    groups: dict[str, TableRow] = {}
    rows: list[TableRow] = []
    for number, (short, en, zh) in enumerate(CAMPUSES, 1):
        group = f"group-{short}"
        groups[group] = _party(opened, group, "tenant_group", (f"{en} group", f"{zh}集团"))
        rows.append(_tenant(opened, f"campus-{number:02d}", (en, zh), "campus", group))
    rows += [_tenant(opened, f"park-{number:02d}", names, "park") for number, names in enumerate(PARKS, 1)]
    for number in range(1, 16):
        trade = number % len(TRADES)
        names = (f"Enterprise {number:02d} ({TRADES[trade]})", f"重点企业{number:02d}（{TRADES_ZH[trade]}）")
        group = f"group-holding-{(number - 1) // 3 + 1}" if number <= 9 else ""
        if group:
            holding = (number - 1) // 3 + 1
            groups[group] = _party(
                opened, group, "tenant_group", (f"Holding {holding}", f"控股集团{holding}")
            )
        member = "gold" if number % 4 == 0 else ""
        rows.append(_tenant(opened, f"enterprise-{number:02d}", names, "enterprise", group, member))
    households = min(HOUSEHOLDS, max(6, round(HOUSEHOLDS * world.params.scale)))
    for number in range(1, households + 1):
        community = (number - 1) % 12 + 1
        group = f"group-community-{community:02d}"
        community_names = (f"Community {community:02d}", f"社区{community:02d}")
        groups.setdefault(group, _party(opened, group, "tenant_group", community_names))
        names = (f"Household {number:03d}", f"家庭{number:03d}")
        rows.append(_tenant(opened, f"household-{number:03d}", names, "household", group))
    return rows, list(groups.values())


def _owned_accounts(households: list[str]) -> list[tuple[str, str, str, float]]:
    """(site, account, tenant, weight) of every owned account."""
    owned: list[tuple[str, str, str, float]] = []
    for number, (short, _, _) in enumerate(CAMPUSES, 1):
        tenant = f"campus-{number:02d}"
        owned += [("nscc-zz", f"{short}_{dept}", tenant, 9.0 - number) for dept in DEPARTMENTS]
        owned += [("yunai-ai", f"{short}-ai", tenant, 9.0), ("qingyang", f"{short}-llm", tenant, 7.0)]
        owned += [("hami", f"{short}-render", tenant, 4.0)]
    for number in range(1, len(PARKS) + 1):
        tenant = f"park-{number:02d}"
        owned += [
            ("nscc-zz", f"park{number}", tenant, 4.0),
            ("nscc-zz", f"park{number}.co{number + 2}", tenant, 2.0),
        ]
        owned += [("yunai-ai", f"park{number}", tenant, 5.0), ("hami", f"park{number}", tenant, 4.0)]
    for number in range(1, 16):
        tenant = f"enterprise-{number:02d}"
        owned += [
            ("nscc-zz", f"ent{number:02d}", tenant, 5.0),
            ("yunai-ai", f"ent{number:02d}-train", tenant, 4.0),
        ]
        owned += [("yunai-ai", f"ent{number:02d}-infer", tenant, 2.0)]
        owned += [(("qingyang", "hami")[number % 2], f"ent{number:02d}", tenant, 6.0)]
    owned += [("yunai-ai", "ai_lab", "campus-01", 3.0), ("qingyang", "ai_lab", "enterprise-03", 3.0)]
    homes = ("yunai-ai", "qingyang", "hami")
    for number, tenant in enumerate(households, 1):
        account = f"hh{number:03d}"
        owned.append((homes[number % 3], account, tenant, 0.35))
        if number % 5 == 0:
            owned.append((homes[(number + 1) % 3], account, tenant, 0.2))
        if number % 7 == 0:
            owned.append(("nscc-zz", account, tenant, 0.15))
    return owned + _cloud_accounts()


def _cloud_accounts() -> list[tuple[str, str, str, float]]:
    """Projects and namespaces at the carriers' data centres, which take no jobs."""
    owned = [
        ("unicom-zy", f"ent{number:02d}-prod", f"enterprise-{number:02d}", 1.0) for number in range(1, 16)
    ]
    owned += [
        ("unicom-zy", f"park{number}-vdc", f"park-{number:02d}", 1.0) for number in range(1, len(PARKS) + 1)
    ]
    owned += [("cmcc-gx", f"ent{number:02d}", f"enterprise-{number:02d}", 1.0) for number in range(2, 16, 2)]
    owned += [
        ("cmcc-gx", f"{short}-ai", f"campus-{number:02d}", 1.0)
        for number, (short, _, _) in enumerate(CAMPUSES, 1)
    ]
    return owned
