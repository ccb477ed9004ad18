"""The documentation of the settings is complete and says what the program does."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

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


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(ValidationError, match="not one of IANA's time zones"):
        Settings(local_time_zone="Mars/Olympus")


def test_what_is_no_option_of_java_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"java_options\.1"):
        Settings(java_options=("-XX:+UseZGC", "org.neo4j.Other"))


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(Settings(neo4j_password=SecretStr("hidden")))
