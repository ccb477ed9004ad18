"""The open lab: a home folder of its own, where nothing is real and nothing real is reached.

A file in the folder says that it is a lab. Settings that lead elsewhere, to another database, key
or issuer, are refused beside it (``graph.settings``), and so is loading any but generated people.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from graph.consent.book import ConsentBook
from graph.consent.terms import PARTS, Terms
from graph.errors import BadInput
from graph.page import BOTTOM, Mark
from graph.reader import Reader
from graph.settings import Settings
from graph.subscriber import EVERYONE, subscriber_page

SOURCE = "generated"
PLAN = "lab"
PURPOSES = ("dpv:Marketing", "dpv:RequestedServiceProvision")
_LASTS = timedelta(days=365)
_PAGE = 1_000
_SILENT = 4  # one in so many consents to nothing


def found(settings: Settings) -> None:
    """Make a lab of a home folder that is new, or is one.

    Raises
    ------
    BadInput
        The folder holds something else.
    """
    if settings.is_lab:
        return
    if settings.home_dir.is_dir() and any(settings.home_dir.iterdir()):
        raise BadInput(
            f"{settings.home_dir} is no lab and not empty: a lab has a folder of its own"
        )
    settings.home_dir.mkdir(parents=True, exist_ok=True)
    settings.lab_file.touch(mode=0o600)


def refuse_real(settings: Settings, source: str) -> None:
    """Refuse to load what may be real into a lab.

    Raises
    ------
    BadInput
        The source is not the generator's.
    """
    if settings.is_lab and source != SOURCE:
        raise BadInput(f"this home folder is a lab: it takes nothing but the source {SOURCE}")


async def consent_for(reader: Reader, book: ConsentBook, partner: str) -> int:
    """Let three of four people consent to all that a partner can ask for; return how many did."""
    now = datetime.now(UTC)
    subjects = [subject async for subject in _everybody(reader)]
    consenting = [one for number, one in enumerate(subjects) if number % _SILENT]
    book.give_all(
        (
            Terms(subject, partner, purpose, frozenset(PARTS), now, now + _LASTS, "the lab's")
            for subject in consenting
            for purpose in PURPOSES
        ),
        "lab",
    )
    return len(consenting)


async def _everybody(reader: Reader) -> AsyncIterator[str]:
    after = BOTTOM
    while rows := await subscriber_page(reader, EVERYONE, "key", "ascending", after, _PAGE):
        for row in rows:
            yield row["key"]
        after = Mark(0, rows[-1]["key"])
