"""Streams of text, and what they leave behind."""

import gzip
import subprocess
import sys
from pathlib import Path

READ = """
import sys
from pathlib import Path
from loaders.streams import opened
def read(path):
    with opened(path, "x", lambda size_bytes: None) as text:
        print(text.read(100))
read(Path(sys.argv[1]))
"""


def test_a_compressed_file_ends_in_silence(tmp_path: Path) -> None:
    """Arrow closes what it was given when Python ends, and complains on stderr where it cannot."""
    path = tmp_path / "calls.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("b'a,b\\n1,2\\n'\n", "")
