"""Sites and other sources come from their folders, and a wrong file is named in one sentence."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules
from pipelines.errors import WrongUse
from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally
from pipelines.sites_config import EXTRA_SITES, ServiceLevel, load_sources

NINE = ["aliyun", "cmcc-gx", "ctyun", "hami", "huawei-cloud", "nscc-zz", "qingyang", "unicom-zy", "yunai-ai"]

BERLIN = """\
site_id: berlin-lab
name: {en: Berlin laboratory, zh: 柏林实验室}
kind: ai_centre
region: berlin
operator: Berlin laboratory
time_zone: Europe/Berlin
currency: EUR
provider_party: party-berlin
operator_party: party-zhengsuan
partitions:
  - {partition: gpu, resource_pool: gpu, compute_class: intelligent, accelerator_model: nvidia-a100}
  - {partition: cpu, resource_pool: cpu, compute_class: general}
feeds:
  - dataset: job_records
    format: slurm_sacct
    transport: folder
    options: {delimiter: "|"}
    service_level: {due: "06:00", days: 1}
"""


def site(folder: Path, text: str = BERLIN, name: str = "berlin-lab") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "site.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_network_has_nine_sites_and_two_other_sources() -> None:
    sources = load_sources()
    assert [source.source_id for source in sources.values() if source.site_id] == NINE
    assert [source.source_id for source in sources.values() if not source.site_id] == [
        "network-dispatch",
        "network-ops",
    ]
    assert {source.time_zone for source in sources.values()} == {"Asia/Shanghai"}


def test_a_supercomputer_says_what_its_partitions_mean() -> None:
    nscc = load_sources()["nscc-zz"]
    meaning = {each.partition: (each.resource_pool, each.accelerator_model) for each in nscc.partitions}
    assert meaning == {"cpu": ("cpu", None), "debug": ("cpu", None), "dcu": ("dcu", "hygon-dcu-z100")}
    feed = nscc.feed("job_records")
    assert feed is not None
    assert (feed.format, feed.service_level) == ("slurm_sacct", ServiceLevel(time(6), 1))
    assert nscc.feed("cloud_charges") is None


def test_the_first_rule_that_fits_says_what_a_machine_is() -> None:
    rules = load_sources()["cmcc-gx"].instances
    fitting = [
        next((rule for rule in rules if rule.fits(node, None)), None)
        for node in ("gx-gpu-001", "gx-gpu", None)
    ]
    assert [rule and (rule.resource_pool, rule.accelerator_model) for rule in fitting] == [
        ("gpu", "nvidia-l20"),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{node: '*', resource_pool: p, compute_class: super}", "how names begin"),
        ("{node: a, flavor: b, resource_pool: p, compute_class: super}", "node or flavor"),
        ("{resource_pool: p, compute_class: super}", "node or flavor"),
    ],
)
def test_a_rule_for_machines_that_says_nothing_is_refused(rule: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=told):
        load_sources(site(tmp_path, f"{BERLIN}instances:\n  - {rule}\n"))


def test_a_folder_is_all_that_a_new_site_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXTRA_SITES, str(site(tmp_path)))
    berlin = load_sources()["berlin-lab"]
    assert (berlin.site_id, berlin.time_zone, berlin.currency) == ("berlin-lab", "Europe/Berlin", "EUR")
    assert berlin.feeds[0].options == {"delimiter": "|"}
    assert list(load_sources()) == list(load_sources(tmp_path)), (
        "the argument and the environment mean the same"
    )
    assert len(load_sources()) == len({*load_sources()}) == 12


def test_a_site_with_daylight_saving_is_due_at_its_own_six_o_clock() -> None:
    daily = ServiceLevel(due=time(6), days=1)
    assert daily.due_at(date(2026, 3, 28), "Europe/Berlin") == datetime(2026, 3, 29, 4, tzinfo=UTC)
    assert daily.due_at(date(2026, 3, 27), "Europe/Berlin") == datetime(2026, 3, 28, 5, tzinfo=UTC)
    assert daily.due_at(date(2026, 3, 28), "Asia/Shanghai") == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_a_new_site_s_accounting_is_read_in_its_own_zone_over_the_clock_change(tmp_path: Path) -> None:
    berlin = load_sources(site(tmp_path / "sites"))["berlin-lab"]
    feed, contract = berlin.feed("job_records"), load_contract("job_records")
    assert feed is not None
    sent = tmp_path / "sacct.txt"
    sent.write_text(
        "JobID|Cluster|Partition|Submit|Start|End|Elapsed|State|NCPUS\n"
        "7|b|gpu|2026-03-29T01:00:00|2026-03-29T01:30:00|2026-03-29T03:30:00|01:00:00|COMPLETED|4\n"
    )
    columns = tuple(column.name for column in contract.columns)
    context = ReadContext(
        "berlin-lab", "berlin-lab", berlin.time_zone, "job_records", feed.options, columns, "EUR"
    )
    (batch,) = FORMATS[feed.format].read(sent, context, Tally())
    (row,) = apply_rules(batch, contract, [name[1:] for name in batch.columns if name[0] == "!"]).to_dicts()
    assert row["start_time"] == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert row["end_time"] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_monthly_delivery_is_due_at_the_end_of_its_day_in_the_next_month() -> None:
    monthly = ServiceLevel(day_of_month=5)
    end = datetime(2027, 1, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert monthly.due_at(date(2026, 12, 1), "Asia/Shanghai") == end
    assert monthly.due_at(date(2026, 12, 31), "Asia/Shanghai") == end


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    site(tmp_path)
    assert load_sources(tmp_path)["berlin-lab"].currency == "EUR"
    (tmp_path / "berlin-lab" / "site.yaml").write_text(BERLIN.replace("EUR", "CHF"), encoding="utf-8")
    assert load_sources(tmp_path)["berlin-lab"].currency == "CHF"


def test_the_answer_is_the_caller_s_own() -> None:
    load_sources().clear()
    assert load_sources()


WRONG = {
    "a key that is not known": (
        "currency: EUR",
        "currency: EUR\ncolour: blue",
        "the key 'colour' is not known; allowed are site_id, name,",
    ),
    "a key of a feed that is not known": (
        "transport: folder",
        "transport: folder\n    day: 1",
        "the key 'feeds.0.day' is not known; allowed are dataset, format, transport, options, service_level.",
    ),
    "a key that is missing": ("currency: EUR\n", "", "the key 'currency' is missing; add it."),
    "a name in one language": (", zh: 柏林实验室", "", "the key 'name.zh' is missing; add it."),
    "a kind that does not exist": (
        "kind: ai_centre",
        "kind: garage",
        'kind is "garage"; allowed is supercomputer, carrier_data_centre, ai_centre, public_cloud.',
    ),
    "a compute class that does not exist": (
        "compute_class: general",
        "compute_class: fast",
        'partitions.1.compute_class is "fast"; allowed is general, intelligent, super, quantum.',
    ),
    "a transport that is not built": (
        "transport: folder",
        "transport: pigeon",
        'feeds.0.transport is "pigeon"; allowed is folder (the inbox), or a mapping with the kind of transport',
    ),
    "a dataset that has no contract": (
        "dataset: job_records",
        "dataset: jobs",
        'feeds.0.dataset is "jobs"; allowed is calendar_days, capacity_inventory,',
    ),
    "a format that is not built": (
        "format: slurm_sacct",
        "format: sacct",
        'feeds.0.format is "sacct"; allowed is ',
    ),
    "a time zone that does not exist": (
        "Europe/Berlin",
        "Europe/Atlantis",
        'time_zone is "Europe/Atlantis"; allowed is a name of the IANA time zone database',
    ),
    "a time zone that is an offset": (
        "Europe/Berlin",
        '"+01:00"',
        'time_zone is "+01:00"; allowed is a name of the IANA time zone database',
    ),
    "a time that YAML reads as a number": (
        'due: "06:00"',
        "due: 18:00",
        "allowed is a local time HH:MM in quotes",
    ),
    "half a service level": (
        'due: "06:00", days: 1',
        "days: 1",
        "feeds.0.service_level is {\"days\": 1}; allowed is either 'due' and 'days'",
    ),
    "an option that is a number": ('"|"', "1", "feeds.0.options.delimiter is 1; allowed is text"),
    "an id that is not the folder's": (
        "site_id: berlin-lab",
        "site_id: berlin",
        "site_id is \"berlin\"; allowed is the folder's name, 'berlin-lab'.",
    ),
    "a partition twice": ("partition: cpu", "partition: gpu", "partitions has the partition 'gpu' twice"),
    "a key twice": ("currency: EUR", "currency: EUR\ncurrency: CHF", "the key 'currency' is written twice"),
    "a value that is empty": (
        "operator: Berlin laboratory",
        "operator:",
        "operator is empty; allowed is text",
    ),
    "a transport of an unknown kind": (
        "transport: folder",
        "transport: {kind: pigeon}",
        'feeds.0.transport.kind is "pigeon"; allowed is folder, s3, sftp, https, prometheus, slurmrestd.',
    ),
    "a transport without its place": (
        "transport: folder",
        "transport: {kind: s3}",
        "the key 'feeds.0.transport.bucket' is missing; add it.",
    ),
    "a setting of another transport": (
        "transport: folder",
        "transport: {kind: folder, path: /mnt/nfs, port: 22}",
        "the key 'feeds.0.transport.port' is not known; allowed are kind, path, recursive, match, done,",
    ),
    "a server that nobody proves": (
        "transport: folder",
        "transport: {kind: sftp, host: h, user: u, path: /out, host_key: ssh-ed25519 AAAA}",
        "feeds.0.transport is a mapping of kind, host, user, path, host_key; allowed is a mapping with key_env or",
    ),
    "a host key that is none": (
        "transport: folder",
        "transport: {kind: sftp, host: h, user: u, path: /out, key_env: K, host_key: accept-any}",
        'feeds.0.transport.host_key is "accept-any"; allowed is the server\'s public key as ssh-keyscan prints it',
    ),
    "half of a credential": (
        "transport: folder",
        "transport: {kind: s3, bucket: b, access_key_env: A}",
        "allowed is access_key_env and secret_key_env together, or neither",
    ),
    "an address with a password in it": (
        "transport: folder",
        'transport: {kind: https, url: "https://u:p@host/"}',
        'feeds.0.transport.url is "https://…@host/"; allowed is an address such as',
    ),
    "a query with a function": (
        "transport: folder",
        'transport: {kind: prometheus, url: "http://p:9090", queries: ["rate(a[5m])"], since: "2026-11-01T00:00:00Z"}',
        'feeds.0.transport.queries.0 is "rate(a[5m])"; allowed is a bare selector',
    ),
    "a day that does not exist": (
        "transport: folder",
        'transport: {kind: prometheus, url: "http://p:9090", queries: [a], since: "2026-02-30T00:00:00Z"}',
        'feeds.0.transport.since is "2026-02-30T00:00:00Z"; allowed is a day that exists.',
    ),
    "a feed twice": (
        BERLIN[BERLIN.index("  - dataset") :],
        BERLIN[BERLIN.index("  - dataset") :] * 2,
        "feeds has the dataset 'job_records' in the format 'slurm_sacct' twice; allowed is one entry for each.",
    ),
    "no YAML": ("kind: ai_centre", "kind: [", "correct the YAML."),
    "an empty file": (BERLIN, "", "(the whole file) is empty; allowed is a mapping of the keys of a site."),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_told_in_one_sentence(case: str, tmp_path: Path) -> None:
    old, new, told = WRONG[case]
    assert old in BERLIN
    site(tmp_path, BERLIN.replace(old, new, 1))
    with pytest.raises(WrongUse) as error:
        load_sources(tmp_path)
    sentence = str(error.value)
    assert told in sentence
    assert sentence.startswith(str(tmp_path / "berlin-lab" / "site.yaml"))
    assert "\n" not in sentence
    assert len(sentence) < 600


@pytest.mark.parametrize("settings", ["", ", access_key_env: KEY"])
def test_a_secret_in_the_wrong_place_is_not_repeated(settings: str, tmp_path: Path) -> None:
    transport = f"transport: {{kind: s3, bucket: b, secret_key_env: hunter2{settings}}}"
    site(tmp_path, BERLIN.replace("transport: folder", transport))
    with pytest.raises(WrongUse) as error:
        load_sources(tmp_path)
    assert "hunter2" not in str(error.value)


def test_a_transport_with_settings_is_fetched_and_the_inbox_is_not(tmp_path: Path) -> None:
    feed = load_sources(site(tmp_path / "a"))["berlin-lab"].feeds[0]
    assert (feed.transport, feed.is_fetched) == ("folder", False)
    outside = "transport: {kind: folder, path: /mnt/nfs, match: '*.psv'}"
    text = BERLIN.replace("transport: folder", outside)
    feed = load_sources(site(tmp_path / "b", text))["berlin-lab"].feeds[0]
    assert (feed.transport, feed.is_fetched) == ("folder", True)
    assert dict(feed.settings) == {"path": "/mnt/nfs", "match": "*.psv"}


def test_a_dataset_may_come_in_several_formats(tmp_path: Path) -> None:
    more = "  - {dataset: tenants, format: table, transport: folder}\n"
    more += "  - {dataset: tenants, format: focus, transport: folder}\n"
    berlin = load_sources(site(tmp_path, BERLIN + more))["berlin-lab"]
    assert [feed.format for feed in berlin.feeds_of("tenants")] == ["table", "focus"]
    first, second = berlin.feed("tenants"), berlin.feed("tenants", "focus")
    assert first is not None
    assert second is not None
    assert (first.format, second.format, berlin.feed("tenants", "dcim_csv")) == ("table", "focus", None)


def test_a_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    site(tmp_path)
    (tmp_path / "berlin-lab" / "site.yaml").write_bytes(BERLIN.encode("gb18030"))
    with pytest.raises(WrongUse, match="not YAML text in UTF-8"):
        load_sources(tmp_path)


def test_an_id_belongs_to_one_folder(tmp_path: Path) -> None:
    site(tmp_path, BERLIN.replace("berlin-lab", "hami"), "hami")
    with pytest.raises(WrongUse, match=r"the id 'hami' is already taken by .*hami/site\.yaml"):
        load_sources(tmp_path)


def test_a_folder_without_its_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match=r"there is no site\.yaml in this folder"):
        load_sources(tmp_path)


def test_a_folder_of_sites_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="SUANZHANG_SITES"):
        load_sources(tmp_path / "nowhere")
