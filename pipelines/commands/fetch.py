"""`suanzhang fetch`: get what is new from wherever sources have it."""

from dataclasses import asdict

import click

from pipelines.arrivals import require_dataset, require_source
from pipelines.commands.common import say, show
from pipelines.errors import WrongUse
from pipelines.home import Home
from pipelines.sites_config import load_sources
from pipelines.words import plain


@click.command(epilog="Example: suanzhang fetch --source nscc-zz")
@click.option("--source", "--site", "source_id", help="Only from this site or other source.")
@click.option("--dataset", help="Only this dataset.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def fetch(source_id: str | None, dataset: str | None, as_json: bool) -> int:
    """Fetch what is new from all sources whose site.yaml says where, and land it.

    What was fetched is remembered under the home's transports/, each file and version once. Exit status 1 if
    something could not be fetched: the others were, and it is tried again the next time.
    """
    from pipelines.transports.pull import Puller, fetched_feeds

    sources = load_sources()
    if source_id is not None:
        require_source(sources, source_id)
    if dataset is not None:
        require_dataset(dataset)
    work = fetched_feeds(sources, source_id, dataset)
    if not work and (source_id or dataset):
        asked = " of ".join(each for each in (dataset, source_id) if each)
        raise WrongUse(
            f"Nothing {asked} has is fetched: its feeds come to the inbox. See transport in site.yaml."
        )
    results = Puller(Home.from_environment()).pull(work)
    if as_json:
        show([asdict(each) for each in results])
    else:
        for each in results:
            click.echo(plain(each.text()))
            for finding in each.findings:
                click.echo(f"  {plain(finding)}.")
    if any(each.landed for each in results):
        say("Next: suanzhang materialize")
    elif not work:
        say("No source has a transport of its own: all feeds come to the inbox.")
    return 1 if any(each.findings for each in results) else 0
