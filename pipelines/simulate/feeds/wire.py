"""Parcels of these feeds: the feed's format and options as configured, and rows written by its wire."""

from collections.abc import Callable, Iterable, Sequence

from pipelines.errors import Finding
from pipelines.simulate import wire_csv
from pipelines.simulate.clock import local_text, utc_seconds
from pipelines.simulate.feeds.records import INSTANTS, RecordFact, place
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Parcel, Row

Write = Callable[[RecordFact], Row]
Options = tuple[tuple[str, str], ...]


def feed_of(world: World, source: str, dataset: str, wanted: str = "") -> tuple[str, Options]:
    """The format and options of a source's feed, that of format `wanted` where it has several. Raises Finding."""
    for feed in world.sources[source].feeds:
        if feed.dataset == dataset and wanted in ("", feed.format):
            return feed.format, tuple(sorted(feed.options.items()))
    said = f"{dataset} as {wanted}" if wanted else dataset
    raise Finding(
        f"{source} has no feed of {said} in its YAML file; add it or leave the site out with --sites."
    )


def csv_writer(world: World, source: str, dataset: str, columns: Sequence[str]) -> Write:
    """Writes a record as a CSV line: times local to the sender and without offset."""
    zone = world.sources[source].time_zone
    places = [(place(dataset, column), column in INSTANTS[dataset]) for column in columns]

    def write(record: RecordFact) -> Row:
        texts = ((record.values[at], instant) for at, instant in places)
        line = wire_csv.line(
            local_text(utc_seconds(text), zone, " ") if instant and text else text for text, instant in texts
        )
        return Row(line, record)

    return write


def csv_parcel(
    world: World, source: str, dataset: str, name: str, columns: Sequence[str], records: Iterable[RecordFact],
    header: Sequence[str] = (), windows: bool = False,
) -> Parcel:  # fmt: skip
    """A CSV file of records; Windows programs write a byte order mark and CRLF. `header` if not the columns' names."""
    wire, options = feed_of(world, source, dataset)
    write = csv_writer(world, source, dataset, columns)
    return Parcel(
        source=source,
        dataset=dataset,
        format=wire,
        options=options,
        name=name,
        header=wire_csv.line(header or columns),
        rows=tuple(write(record) for record in records),
        newline="\r\n" if windows else "\n",
        bom=windows,
        write=write,
    )
