"""A parcel for one person: a ZIP file of sheets, and a manifest by which anybody sees it is whole.

The manifest has the SHA-256 of every sheet, and is signed (HMAC-SHA-256, RFC 2104) under a key that
is derived from the identity key: who made it can tell later that it is as it was handed over.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Literal
from uuid import uuid4
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, ValidationError

from graph.errors import BadInput
from graph.identity import IdentityKey

What = Literal["access", "portability"]
Sheet = tuple[str, Iterable[bytes]]
_ABOUT = Path(__file__).parent / "about.md"
_MANIFEST = "manifest.json"
_SIGNATURE = "manifest.sig"
_CHUNK_BYTES = 1 << 20


class SheetProof(BaseModel):
    """One file of a parcel; ``lines`` of a text that has one thing a line."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    lines: int


class Manifest(BaseModel):
    """What a parcel holds.

    Attributes
    ----------
    subject : str
        Keyed digest of the pseudonym, as in the proof of an erasure.
    """

    model_config = ConfigDict(frozen=True)

    parcel_id: str
    what: What
    subject: str
    made_at: datetime
    sheets: tuple[SheetProof, ...]


def pack(
    path: Path, what: What, pseudonym: str, sheets: Iterable[Sheet], key: IdentityKey
) -> Manifest:
    """Write a parcel, readable by its owner only; it appears whole or not at all.

    Parameters
    ----------
    sheets : iterable of (str, iterable of bytes)
        Names, and lines without their ends; they are streamed.

    Raises
    ------
    BadInput
        There is such a file already, or no such folder.
    """
    if path.exists() or not path.absolute().parent.is_dir():
        raise BadInput(f"{path}: name a new file in a folder that is there")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        with ZipFile(draft, "w", ZIP_DEFLATED) as parcel:
            about = ("about.md", _ABOUT.read_bytes().splitlines())
            proofs = tuple(_written(parcel, *sheet) for sheet in chain([about], sheets))
            manifest = Manifest(
                parcel_id=uuid4().hex,
                what=what,
                subject=key.digest(pseudonym.encode()),
                made_at=datetime.now(UTC),
                sheets=proofs,
            )
            told = manifest.model_dump_json(indent=2).encode()
            parcel.writestr(_MANIFEST, told)
            parcel.writestr(_SIGNATURE, _signature(key, told))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def check(path: Path, key: IdentityKey) -> Manifest:
    """Return the manifest of a parcel that is as it was made.

    Raises
    ------
    BadInput
        It is no parcel of ours, or something in it was changed, added or taken away.
    """
    try:
        with ZipFile(path) as parcel:
            told = parcel.read(_MANIFEST)
            if not hmac.compare_digest(parcel.read(_SIGNATURE), _signature(key, told)):
                raise BadInput(f"{path.name}: the manifest is not the one that was signed here")
            manifest = Manifest.model_validate_json(told)
            _check_sheets(parcel, manifest, path.name)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or 'cannot be read'}") from error
    except (BadZipFile, KeyError, ValidationError) as error:
        raise BadInput(f"{path.name}: is no parcel, or damaged") from error
    return manifest


def _check_sheets(parcel: ZipFile, manifest: Manifest, file: str) -> None:
    wanted = {sheet.name for sheet in manifest.sheets} | {_MANIFEST, _SIGNATURE}
    if sorted(parcel.namelist()) != sorted(wanted):
        raise BadInput(f"{file}: a sheet was added or taken away")
    for sheet in manifest.sheets:
        digest = sha256()
        with parcel.open(sheet.name) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        if digest.hexdigest() != sheet.sha256:
            raise BadInput(f"{file}: {sheet.name} was changed")


def _written(parcel: ZipFile, name: str, lines: Iterable[bytes]) -> SheetProof:
    digest, count = sha256(), 0
    with parcel.open(name, "w", force_zip64=True) as stream:
        for line in _ended(lines):
            digest.update(line)
            stream.write(line)
            count += 1
    return SheetProof(name=name, sha256=digest.hexdigest(), lines=count)


def _ended(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line + b"\n" for line in lines)


def _signature(key: IdentityKey, manifest: bytes) -> bytes:
    return hmac.new(key.derived("parcel"), manifest, sha256).hexdigest().encode()
