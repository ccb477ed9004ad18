"""What is computed of one person, as that person may see it."""

import asyncio
from pathlib import Path

import orjson

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.errors import DatabaseError, NotAnalysed, NotFound
from graph.rights.parcel import Sheet

_DOCUMENT = (Path(__file__).parent / "profile.graphql").read_text(encoding="utf-8")


async def profile_sheet(services: Services, pseudonym: str, by: str) -> Sheet:
    """Return the sheet with all that is computed of somebody; what was not computed is null.

    Reading it leaves an entry in the audit log, as any reading does.

    Parameters
    ----------
    by : str
        Who hands it over, for the audit log.

    Raises
    ------
    NotFound
        The graph does not know them.
    DatabaseError
        They could not be read.
    """
    answered = await answer(services, _DOCUMENT, {"key": pseudonym}, Viewer("admin", by))
    await asyncio.to_thread(services.audit.write)
    codes = {problem["extensions"]["code"] for problem in answered.get("errors", ())}
    if codes - {NotAnalysed.code}:
        raise DatabaseError(f"the profile could not be read: {', '.join(sorted(codes))}")
    if not (answered.get("data") or {}).get("subscriber"):
        raise NotFound("the graph does not know them")
    return "profile.json", [
        orjson.dumps(answered["data"]["subscriber"], option=orjson.OPT_INDENT_2)
    ]
