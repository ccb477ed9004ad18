"""Any file that can be read as a table: delimited text, JSON lines or Parquet, told by content."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.contents import Content, Unfit
from loaders.delimited import read_delimited
from loaders.json_lines import read_json_lines
from loaders.mapping import Table
from loaders.parquet import MAGIC, opened_parquet
from loaders.streams import BLOCK_BYTES, Text, Watch, first_line, opened


@contextmanager
def opened_content(path: Path, shown: str, table: Table, watch: Watch) -> Iterator[Content]:
    """Open a file as a table of a source.

    Raises
    ------
    SourceError
        It cannot be read.
    Unfit
        It is no table.
    """
    with opened(path, shown, watch) as text:
        if text.magic.startswith(MAGIC):
            with opened_parquet(path, text) as content:
                yield content
        else:
            yield _read_text(text, table)


def _read_text(text: Text, table: Table) -> Content:
    start = first_line(text)
    if len(start.line) > BLOCK_BYTES:
        raise Unfit(f"its first line is longer than {BLOCK_BYTES >> 20} MiB")
    line = start.line.strip()
    if line.startswith(MAGIC):
        raise Unfit("is a Parquet file that was compressed once more; decompress it")
    if line == b"[" or line.startswith((b"[{", b"[ {")):
        raise Unfit("is one JSON document; save it as JSON lines, one object on each")
    if line.startswith(b"{"):
        return read_json_lines(text, start)
    return read_delimited(text, start, table.delimiter, table.header)
