"""Let people and programs in: tokens, and clients that fetch their own."""

from typing import Annotated

import typer

from commands.terminal import OUT
from graph.settings import Role, Settings

Name = Annotated[
    str, typer.Argument(help="Name of the client: the subject of its tokens, in the audit log.")
]


def token_command(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    subject: Annotated[str, typer.Option(help="Who the bearer is, for the audit log.")] = "local",
    purpose: Annotated[
        str | None, typer.Option(help="What a partner wants data for, such as dpv:Marketing.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What a partner may call, such as location-retrieval:read; repeatable."),
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="The pairwise pseudonym of whom a partner acts for.")
    ] = None,
) -> None:
    """Print an access token for `Authorization: Bearer`."""
    from api.tokens import issue_token

    print(issue_token(Settings(), role, subject, purpose, scope or (), person))


def add_client_command(
    name: Name, role: Annotated[Role, typer.Option(help="What the client may do.")]
) -> None:
    """Add a program that fetches its tokens from `/oauth/token`; print its secret, once."""
    from api.clients import Clients
    from api.tokens import refuse_beside

    settings = Settings()
    refuse_beside(settings)
    print(Clients(settings.clients_file).add(name, role))


def remove_client_command(name: Name) -> None:
    """Remove a client; tokens that it has stay good until they end."""
    from api.clients import Clients

    Clients(Settings().clients_file).remove(name)


def list_clients_command() -> None:
    """List the clients."""
    from api.clients import Clients

    for client in Clients(Settings().clients_file).all():
        OUT.print(f"{client.name}\t{client.role}\t{client.made_at:%Y-%m-%d %H:%M}", markup=False)
