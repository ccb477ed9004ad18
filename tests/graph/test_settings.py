"""The documentation of the settings is complete and says what the program does."""

import re
from pathlib import Path

from pydantic import SecretStr

from graph.settings import Settings

PAGE = Path(__file__).parent.parent.parent / "docs" / "operations.md"


def test_every_setting_is_documented() -> None:
    """Name, default and meaning stand in the table word for word, and nothing else does."""
    rows = re.findall(r"^\| `(TIEGRAPH_\w+)` \| (.*?) ?\| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    expected = [
        (
            f"TIEGRAPH_{name.upper()}",
            "" if field.default is None else f"`{field.default}`",
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert rows == expected


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(Settings(neo4j_password=SecretStr("hidden")))
