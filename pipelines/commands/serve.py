"""`suanzhang serve`: the door for people outside, a release in PostgreSQL with roles."""

import sys
from collections.abc import Callable
from typing import Any

import click

from pipelines.commands.common import say, show
from pipelines.errors import WrongUse
from pipelines.home import Home
from pipelines.roles import ROLES, Role


def server(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names the server."""
    return click.option(
        "--dsn", "target", help="Which server and database, as the loader. Default: SUANZHANG_POSTGRES_DSN."
    )(command)


@click.group(
    invoke_without_command=True,
    epilog="Example: suanzhang serve --dsn postgresql://loader@localhost/suanzhang",
)
@server
@click.pass_context
def serve(context: click.Context, target: str | None) -> None:
    """Load the current release into PostgreSQL, in one transaction; say who may read it.

    Readers go on reading the release before until the new one is whole. The same release again changes nothing.
    """
    if context.invoked_subcommand:
        context.obj = target
        return
    from pipelines.retention import reading
    from pipelines.serving.connecting import connected, dsn
    from pipelines.serving.groundwork import UNHARDENED
    from pipelines.serving.loading import load
    from pipelines.serving.people import people

    with reading(Home.from_environment()) as folder, connected(dsn(target)) as connection:
        loaded = load(connection, folder, say)
        if not loaded.hardened:
            say(UNHARDENED)
        if loaded.tables:
            say(
                f"Release {loaded.release_id} is there: {loaded.rows:,} rows of {len(loaded.tables)} tables were new."
            )
        else:
            say(f"Release {loaded.release_id} was there already.")
        readers = people(connection)
        info = connection.info
        if readers:
            click.echo(
                f"Look: psql -h {info.host} -p {info.port} -U {readers[0][0]} {info.dbname} -c 'table sites'"
            )
        else:
            click.echo("Nobody may read it yet: suanzhang serve admit LOGIN --role regulator")


@serve.command(epilog="Example: suanzhang serve admit li-hami --role regulator --region hami")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Whose tables.")
@click.option("--region", help="Of which region the regulator is.")
@click.option("--tenant", help="Which tenant it is.")
@server
@click.pass_context
def admit(
    context: click.Context, login: str, role: str, region: str | None, tenant: str | None, target: str | None
) -> None:
    """Make LOGIN a reader with a role, or give it another role and password.

    The password is asked for, or read from standard input; the server gets its SCRAM verifier only.
    """
    from pipelines.serving.connecting import connected, dsn
    from pipelines.serving.people import admit as admitted
    from pipelines.serving.people import has_rows

    reader = Role(role, region, tenant)
    with connected(dsn(target or context.obj)) as connection:
        admitted(connection, login, reader, _password(login))
        if tenant and not has_rows(connection, tenant):
            say(f"The loaded release has no statement of a tenant '{tenant}': is the name right?")
    say(
        f"{login} may read as {role}{f' of {region}' if region else ''}{f', tenant {tenant}' if tenant else ''}."
    )


def _password(login: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"Password of {login}", hide_input=True, confirmation_prompt=True, err=True))
    if found := sys.stdin.readline().rstrip("\n"):
        return found
    raise WrongUse("A login needs a password: type it, or give it on standard input.")


@serve.command(epilog="Example: suanzhang serve dismiss li-hami")
@click.argument("login")
@server
@click.pass_context
def dismiss(context: click.Context, login: str, target: str | None) -> None:
    """Take LOGIN away and end its sessions."""
    from pipelines.serving.connecting import connected, dsn
    from pipelines.serving.people import dismiss as dismissed

    with connected(dsn(target or context.obj)) as connection:
        dismissed(connection, login)
    say(f"{login} may read no longer.")


@serve.command("list", epilog="Example: suanzhang serve list --json")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@server
@click.pass_context
def list_(context: click.Context, as_json: bool, target: str | None) -> None:
    """Who may read: each login with its role, region and tenant."""
    from pipelines.serving.connecting import connected, dsn
    from pipelines.serving.people import people

    with connected(dsn(target or context.obj)) as connection:
        found = people(connection)
    if as_json:
        names = ("login", "role", "region", "tenant")
        show([dict(zip(names, each, strict=True)) for each in found])
        return
    click.echo(f"{'login':24} {'role':10} narrowed to")
    for login, role, region, tenant in found:
        click.echo(f"{login:24} {role:10} {region or tenant or 'all'}")
