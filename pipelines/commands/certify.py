"""`suanzhang certify`: deliveries held against their contract again."""

import click

from pipelines.home import Home


@click.command(epilog="Example: suanzhang certify --source nscc-zz --dataset job_records")
@click.option("--source", "source_id", required=True, help="Whose deliveries.")
@click.option("--dataset", required=True, help="Of which dataset.")
def certify(source_id: str, dataset: str) -> int:
    """Certify again what has a certificate: rows against the contract, files against their recorded sha256.

    Exit status 1 if one is red.
    """
    from pipelines.arrivals import require_dataset, require_source
    from pipelines.certifying import certify_again
    from pipelines.sites_config import load_sources

    sources = load_sources()
    require_source(sources, source_id)
    require_dataset(dataset)
    made = certify_again(Home.from_environment(), sources, source_id, dataset)
    for each in made:
        click.echo(f"{each.verdict.value:5}  {each.page}")
        for check in each.failed:
            click.echo(f"       {check.expectation.broken.en} ({check.failed} of {check.looked_at})")
    if not made:
        click.echo(f"{source_id} has no certificate of {dataset} yet: run `suanzhang materialize`.")
    return 1 if any(each.verdict.value == "red" for each in made) else 0
