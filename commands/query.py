"""Ask a question and print the answer."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.terminal import services_of, with_database
from graph.database.server import leased
from graph.database.session import Database
from graph.errors import BadInput
from graph.settings import Role, Settings


def query_command(
    document: Annotated[str, typer.Argument(help="GraphQL, a file with it, or - for stdin.")],
    variables: Annotated[str, typer.Option(help="Variables as a JSON object.")] = "{}",
    role: Annotated[Role, typer.Option("--as", help="Role to ask as.")] = "analyst",
) -> None:
    """Answer a GraphQL document with one JSON document on standard output."""
    from api.execution import answer
    from api.tokens import Viewer

    settings = Settings()
    asked = _document(document), _variables(variables)

    async def ask(database: Database) -> dict[str, Any]:
        services = services_of(settings, database)
        answered = await answer(services, *asked, Viewer(role, "local"))
        services.audit.write()
        return answered

    with leased(settings) as locate:
        response = asyncio.run(with_database(locate, settings, ask))
    print(json.dumps(response, ensure_ascii=False, indent=2))
    if response.get("errors"):
        raise typer.Exit(1)


def _document(text_or_file: str) -> str:
    if text_or_file == "-":
        return sys.stdin.read()
    if "{" in text_or_file:
        return text_or_file
    try:
        return Path(text_or_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{text_or_file}: neither GraphQL nor a readable file") from error


def _variables(text: str) -> dict[str, Any]:
    try:
        variables = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"--variables is not JSON (column {error.colno})") from error
    if not isinstance(variables, dict):
        raise BadInput("--variables is not a JSON object")
    return variables
