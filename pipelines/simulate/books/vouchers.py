"""What vouchers pay of which lines: each line is paid by one, as far as its cap and its programme's budget last."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.simulate.books.lines import LineKey, Lines, Side
from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.tables import MILLION, Table, half_up, millionths
from pipelines.simulate.clock import next_month
from pipelines.simulate.tenants import TableRow

COMPUTE = ("cpu_core", "accelerator", "slice", "instance")


@dataclass(frozen=True)
class Redemption:
    """What a voucher pays of a line, in fen, what is then left of cap and budget, and why it pays no more."""

    voucher: TableRow
    issuer: str
    key: LineKey
    gross: int
    fen: int
    cap_left: int
    budget_left: int
    limited_by: str


def redeem(business: Business, tables: dict[str, list[TableRow]], lines: Lines) -> list[Redemption]:
    """All redemptions, in the order in which caps and budgets are used up: period, voucher, line."""
    programmes = {
        row["programme_id"]: row for row in _newest(tables.get("voucher_programmes", []), "programme_id")
    }
    held: dict[str, list[TableRow]] = defaultdict(list)
    for row in _newest(tables.get("vouchers", []), "voucher_id"):
        if row["state"] == "issued" and row["programme_id"] in programmes:
            held[row["tenant_id"]].append(row)
    claims = []
    for key, line in lines.items():
        fits = [
            row for row in held[key.tenant_id]
            if line.gross > 0 and _pays(business, row, programmes[row["programme_id"]]["issuer_party_id"], key)
        ]  # fmt: skip
        if fits:
            first = min(fits, key=lambda row: (row["valid_from"], row["voucher_id"]))
            claims.append((key.period, first["voucher_id"], key.line_id, first, key, line.gross))
    return list(_paid(programmes, sorted(claims, key=lambda claim: claim[:3])))


def _newest(rows: Iterable[TableRow], name: str) -> list[TableRow]:
    """Of each voucher or programme the statement with the highest revision."""
    newest: dict[str, TableRow] = {}
    for row in sorted(rows, key=lambda row: int(row["revision"])):
        newest[row[name]] = row
    return list(newest.values())


def _pays(business: Business, voucher: TableRow, issuer: str, key: LineKey) -> bool:
    """Whether a voucher is for a line: valid on any day of the month, of its kinds, and not between related parties."""
    first = date.fromisoformat(f"{key.period}-01")
    last = (next_month(first) - timedelta(days=1)).isoformat()
    sku, tenant = business.sku(key.sku_id, last), business.registered(key.tenant_id, last)
    if sku is None or tenant is None or sku["resource_kind"] not in COMPUTE or key.kind != "sale":
        return False
    valid = voucher["valid_from"] <= last and (
        not voucher["valid_to"] or first.isoformat() < voucher["valid_to"]
    )
    named = (
        ("compute_classes", sku["compute_class"]),
        ("site_ids", key.site_id),
        ("segments", tenant["segment"]),
    )
    fits = all(not voucher[column] or value in voucher[column].split(",") for column, value in named)
    return valid and fits and issuer not in (key.tenant_id, tenant["group_party_id"])


def _paid(
    programmes: dict[str, TableRow], claims: list[tuple[str, str, str, TableRow, LineKey, int]]
) -> Iterator[Redemption]:
    """Each claim in turn takes what is left; of a cap that lasts, what a budget denies stays in the cap."""
    passed: dict[str, int] = defaultdict(int)
    given: dict[str, int] = defaultdict(int)
    spent: dict[str, int] = defaultdict(int)
    for _, name, _, voucher, key, gross in claims:
        programme = programmes[voucher["programme_id"]]
        cap, budget = _fen(voucher["cap"]), _fen(programme["budget"])
        claim = half_up(gross * millionths(voucher["share"]), MILLION)
        within = min(claim, cap - passed[name])
        fen = min(within, budget - spent[programme["programme_id"]])
        passed[name] += within
        given[name] += fen
        spent[programme["programme_id"]] += fen
        yield Redemption(
            voucher,
            programme["issuer_party_id"],
            key,
            gross,
            fen,
            cap - given[name],
            budget - spent[programme["programme_id"]],
            "budget" if fen < within else "cap" if within < claim else "none",
        )


def _fen(yuan: str) -> int:
    return millionths(yuan) // 10_000


def sides(redemptions: Iterable[Redemption]) -> list[Side]:
    """What each redemption takes off its tenant's statement and puts on its issuer's."""
    return [
        side
        for each in redemptions
        if each.fen
        for side in ((each.key.tenant_id, each.key, -each.fen), (each.issuer, each.key, each.fen))
    ]


def table(redemptions: Iterable[Redemption]) -> Table:
    """voucher_redemptions."""
    return Table.of(
        "voucher_redemptions",
        "voucher_id line_id period programme_id issuer_party_id tenant_id site_id sku_id gross_fen share_ppm "
        "redeemed_fen cap_left_fen budget_left_fen limited_by revision",
        (
            (
                *(
                    each.voucher["voucher_id"],
                    each.key.line_id,
                    each.key.period,
                    each.voucher["programme_id"],
                ),
                *(each.issuer, each.key.tenant_id, each.key.site_id, each.key.sku_id, each.gross),
                *(millionths(each.voucher["share"]), each.fen, each.cap_left, each.budget_left),
                *(each.limited_by, int(each.voucher["revision"])),
            )
            for each in redemptions
        ),
    )
