"""The documents that clients may name."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from commands.terminal import OUT
from graph.errors import BadInput
from graph.settings import Role, Settings


def trusted_command(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to look at, in place of TIEGRAPH_TRUSTED_DIR.")
    ] = None,
) -> None:
    """List the trusted documents and who may run them; fail if one cannot be run by anybody."""
    from api.trusted import PREFIX, documents

    chosen = folder or Settings().trusted_folder
    if folder and not folder.is_dir():
        raise BadInput(f"{folder} is no folder")
    known = documents(chosen)
    names: dict[str, list[str]] = {}
    for name, text in known.items():
        names.setdefault(text, []).append(name)
    for text, all_names in names.items():
        digest, *others = sorted(all_names, key=lambda name: not name.startswith(PREFIX))
        others.remove(digest.removeprefix(PREFIX))
        OUT.print(f"{digest} {' '.join(others)}".rstrip(), markup=False, highlight=False)
        for line in _operations(text, digest):
            OUT.print(f"  {line}", markup=False, highlight=False)


def _operations(text: str, name: str) -> list[str]:
    """Return a line for each operation: its kind, its name, who may run it."""
    from api.access import denied
    from api.documents import operations
    from api.errors import Refused

    roles: tuple[Role, ...] = get_args(Role)
    try:
        found = operations(text, "admin")
    except Refused as refusal:
        raise BadInput(f"{name}: {refusal.problems[0]['message']}") from refusal
    return [
        f"{one.kind.value} {one.name or 'without a name'}: "
        + (", ".join(role for role in roles if not denied(role, one.wanted)) or "nobody")
        for one in found.values()
    ]
