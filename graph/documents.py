"""YAML as plain text values that remember their lines.

A mapping speaks of what stands in files, so a scalar stays the text that it is: ``No`` is the word
and not false, ``0042`` keeps its zeros and ``2014-02-03`` is no date until something asks for one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import yaml

from graph.errors import SourceError

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
KeyPath = tuple[str | int, ...]

_MOST_VALUES = 100_000


class Document:
    """A YAML file: its plain content, and the line of every key in it."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lines: dict[KeyPath, int] = {}
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror or 'cannot be read'}") from error
        except UnicodeDecodeError as error:
            raise SourceError(f"{self._name}: is not UTF-8") from error
        except yaml.YAMLError as error:
            raise self._syntax_error(error) from error
        except RecursionError as error:
            raise self._too_deep() from error
        if node is None:
            raise SourceError(f"{self._name}: is empty")
        try:
            self.content = self._plain(node, ())
        except RecursionError as error:
            raise self._too_deep() from error

    def error(self, key_path: Sequence[str | int], reason: str) -> SourceError:
        """Return the error that names this file, the key and its line, and the reason."""
        known = tuple(key_path)
        while known and known not in self._lines:
            known = known[:-1]
        place = f"{self._name}, line {self._lines.get(known, 1)}"
        return SourceError(f"{place}: {dotted(key_path)}{reason}")

    def _plain(self, node: yaml.Node, at: KeyPath) -> Plain:
        self._lines.setdefault(at, node.start_mark.line + 1)
        if len(self._lines) > _MOST_VALUES:  # a few aliases of aliases can stand for billions
            raise SourceError(f"{self._name}: holds more than {_MOST_VALUES:,} values")
        if isinstance(node, yaml.MappingNode):
            return self._plain_mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*at, index)) for index, item in enumerate(node.value)]
        return str(node.value)

    def _plain_mapping(self, node: yaml.MappingNode, at: KeyPath) -> dict[str, Plain]:
        content: dict[str, Plain] = {}
        for key, value in node.value:
            name = str(key.value)
            self._lines[(*at, name)] = key.start_mark.line + 1
            if name in content:
                raise self.error((*at, name), "stands twice")
            content[name] = self._plain(value, (*at, name))
        return content

    def _too_deep(self) -> SourceError:
        return SourceError(f"{self._name}: is nested too deeply, or an alias stands within itself")

    def _syntax_error(self, error: yaml.YAMLError) -> SourceError:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        return SourceError(f"{self._name}{place}: is not YAML: {problem}")


def dotted(key_path: Sequence[str | int]) -> str:
    """Return a key path as text with a colon.

    Examples
    --------
    >>> dotted(("tables", "calls", "records", 0, "kind"))
    'tables.calls.records[0].kind: '
    """
    text = ""
    for key in key_path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return f"{text}: " if text else ""
