"""CAMARA's OpenAPI files, and what they say of a response."""

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import httpx
import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_COMMON = "../common/CAMARA_common.yaml"
_FORMATS = FormatChecker(formats=["ipv4", "ipv6"])
_CHOSEN: ContextVar[frozenset[tuple[int, str]]] = ContextVar("chosen", default=frozenset())


def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlparse(value).scheme and urlparse(value).netloc)


_FORMATS.checks("date-time", raises=ValueError)(_is_instant)
_FORMATS.checks("uri")(_is_uri)


class _Loader(yaml.SafeLoader):
    """Leaves instants as texts, as JSON has them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def _document(path: Path) -> Any:
    return yaml.load(path.read_text(), _Loader)  # noqa: S506 (a safe loader)


def _retrieved(uri: str) -> Resource[Any]:
    content = _document(Path(unquote(urlparse(uri).path)))
    return DRAFT202012.create_resource(content)


def _by_discriminator(
    validator: Any, told: Mapping[str, Any], instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """Apply the schema that OpenAPI's discriminator chooses, which is built on the present one."""
    if not isinstance(instance, dict) or told["propertyName"] not in instance:
        return
    target = told["mapping"].get(instance[told["propertyName"]])
    chosen = (id(instance), str(target))
    if target is None or chosen in _CHOSEN.get():
        return
    token = _CHOSEN.set(_CHOSEN.get() | {chosen})
    try:
        yield from list(validator.descend(instance, {"$ref": target}))
    finally:
        _CHOSEN.reset(token)


_Validator: Any = extend(Draft202012Validator, {"discriminator": _by_discriminator})


class Definition:
    """One API's definition."""

    def __init__(self, standards: Path, api: str) -> None:
        self.path = (standards / "camara" / "API_definitions" / f"{api}.yaml").resolve()

    def check(self, instance: Any, pointer: str, file: str = "") -> None:
        """Fail if something is not as the schema at a place of the file, or of one beside, says."""
        path = (self.path.parent / file).resolve() if file else self.path
        wanted = {"$ref": f"{path.as_uri()}#{pointer}"}
        registry: Registry[Any] = Registry(retrieve=_retrieved)  # type: ignore[call-arg]
        _Validator(wanted, registry=registry, format_checker=_FORMATS).validate(instance)

    def check_response(self, method: str, path: str, response: httpx.Response) -> None:
        """Fail if a response is not as the operation's entry for its status says."""
        if response.status_code == 204:
            assert not response.content
            return
        assert response.headers["content-type"] == "application/json"
        at = f"/paths/{path.replace('/', '~1')}/{method.lower()}/responses/{response.status_code}"
        node = self._node(at)
        if node is None:  # an error that the list of the API leaves out
            assert response.status_code >= 400
            self.check(response.json(), "/components/schemas/ErrorInfo", _COMMON)
            return
        file, pointer = "", at
        while "$ref" in node:  # from this file into the common one, perhaps by way of this file
            further, _, pointer = node["$ref"].partition("#")
            file = further or file
            node = self._node(pointer, file)
        self.check(response.json(), f"{pointer}/content/application~1json/schema", file)

    def _node(self, pointer: str, file: str = "") -> Any:
        found = _document((self.path.parent / file).resolve() if file else self.path)
        for step in pointer.strip("/").split("/"):
            found = found.get(step.replace("~1", "/")) if found else None
        return found
