"""The page docs/cookbook.md, taken apart: questions, what is asked, and what is answered."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
_QUESTION = re.compile(r"^### (\d+)\. (.*?)\n(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)
_ASKED = re.compile(
    r"```graphql\n(?P<document>.*?)```\n+"
    r"(?:```json variables\n(?P<variables>.*?)```\n+)?"
    r"```json\n(?P<shown>.*?)```",
    re.DOTALL,
)
_ROLE = re.compile(r"[Aa]s (?:the partner )?`(\w+)`(?: for `(dpv:\w+)`)?")
_PARTNER = "cinema"


@dataclass(frozen=True)
class Asked:
    """One document, as whom it is asked, and what the page shows as its answer.

    Numbers that are shown are decimals, which know how many of their digits are told.
    """

    document: str
    variables: Mapping[str, Any]
    shown: Any
    who: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A question of the page; few of them need more than one document."""

    number: int
    title: str
    asked: tuple[Asked, ...]


def questions() -> list[Question]:
    """Return all questions of the page, in its order."""
    found = _QUESTION.findall(PAGE.read_text(encoding="utf-8"))
    return [Question(int(number), title, tuple(_asked(text))) for number, title, text in found]


def _asked(text: str) -> Iterator[Asked]:
    roles = _ROLE.findall(text.partition("```")[0]) or [("analyst", "")]
    for role, match in zip(roles, _ASKED.finditer(text), strict=True):
        shown = json.loads(match["shown"], parse_float=Decimal)
        yield Asked(match["document"], json.loads(match["variables"] or "{}"), shown, _who(*role))


def _who(name: str, purpose: str) -> Mapping[str, Any]:
    if name == _PARTNER:
        return {"role": "partner", "subject": name, "purpose": purpose}
    return {"role": name}


def is_as_shown(found: Any, shown: Any) -> bool:
    """Tell whether an answer is what is shown, to the last digit that is shown of each number.

    A list that ends with an ellipsis is shown as far as that.
    """
    if isinstance(shown, Decimal) and isinstance(found, float):
        return abs(Decimal(found) - shown) <= Decimal(10) ** int(shown.as_tuple().exponent)
    if isinstance(shown, dict) and isinstance(found, dict):
        same = found.keys() == shown.keys()
        return same and all(is_as_shown(found[name], shown[name]) for name in shown)
    if isinstance(shown, list | tuple) and isinstance(found, list | tuple):
        told = [*shown[:-1]] if shown[-1:] == ["…"] else [*shown]
        same = len(found) == len(shown) or (told != [*shown] and len(found) > len(told))
        return same and all(map(is_as_shown, found, told))
    return bool(found == shown)
