"""What is made to keep the service busy, and the words that refuse it."""

import json
from typing import Any


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _asked(document: str, variables: dict[str, Any]) -> bytes:
    return _json({"query": document, "variables": variables})


NESTED = "contacts(first: 100) { nodes { "
CIRCULAR = "types { fields { type { "

# Documents that attackers' tools send, graphql-cop's among them, and what refuses them.
DOCUMENTS = {
    "aliases": ("{ " + " ".join(f"a{n}: viewer {{ role }}" for n in range(101)) + " }", "aliases"),
    "aliases of lists": (
        "{ "
        + " ".join(f"a{n}: subscribers(first: 100) {{ totalCount }}" for n in range(60))
        + " }",
        "aliases",
    ),
    "directives": (
        "{ viewer { role " + "@skip(if: false) " * 10 + "} }",
        "directives in one place",
    ),
    "unknown directives": ("{ viewer { role " + "@aa" * 900 + " } }", "directives"),
    "many directives": (
        "{ viewer { "
        + " ".join(f"a{n}: role @skip(if: false) @include(if: true)" for n in range(30))
        + " } }",
        "more than 50 directives",
    ),
    "duplicate fields": ("{ viewer { " + "role " * 150 + "} }", "20 selections again"),
    "duplicate objects": ("{ " + "viewer { role } " * 100 + "}", "20 selections again"),
    "duplicate spreads": (
        "{ " + "...A " * 100 + "} fragment A on Query { viewer { role } }",
        "20 selections again",
    ),
    "breadth": ("{ viewer { " + " ".join(f"f{n}" for n in range(900)) + " } }", "side by side"),
    "depth": (
        '{ subscriber(key: "a") { ' + "contacts { nodes { " * 12 + "key" + " } }" * 12 + " } }",
        "more than 16 deep",
    ),
    "deeper than the parser": ("{ a " * 1_100, "Syntax Error"),
    "huge lists": ("{ subscribers(first: 1000000000) { nodes { key } } }", "smaller pages"),
    "lists of lists": (
        "{ subscribers(first: 100) { nodes { " + NESTED * 2 + "key" + " } }" * 3 + " }",
        "smaller pages",
    ),
    "lists of fragments": (
        "{ subscribers(first: 100) { nodes { ...A } } } "
        "fragment A on Subscriber { contacts(first: 100) { nodes { ...B } } } "
        "fragment B on Subscriber { friends(first: 100) { ...C } } "
        "fragment C on FriendConnection { nodes { key } }",
        "smaller pages",
    ),
    "circular introspection": (
        "{ __schema { " + CIRCULAR * 3 + "name" + " } } }" * 3 + " } }",
        "Maximum introspection depth exceeded",
    ),
    "introspection again and again": (
        "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(10)) + " }",
        "schema more than 4 times",
    ),
    "circular fragments": (
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
        "Cannot spread fragment",
    ),
    "operations": (
        " ".join(f"query Q{n} {{ viewer {{ role }} }}" for n in range(50)),
        "operations",
    ),
    "fragments": (
        "{ viewer { role } } "
        + " ".join(f"fragment F{n} on Viewer {{ role }}" for n in range(150)),
        "fragments",
    ),
    "tokens": ("{ viewer { role" + " a" * 30_000 + " } }", "more than 2000 tokens"),
    "length": ("{ viewer { role } } #" + "x" * 66_000, "longer than 65536 characters"),
    "inline fragments": (
        "{ " + "... on Query { viewer { role } } " * 190 + "}",
        "20 selections again",
    ),
    "nested inline fragments": (
        "{ " + "... on Query { viewer { ... on Viewer { role } } } " * 140 + "}",
        "20 selections again",
    ),
    "a lattice of fragments": (
        "{ viewer { ...F0 } } "
        + " ".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 2} role }}" for n in range(98))
        + " fragment F98 on Viewer { role } fragment F99 on Viewer { role }",
        "2000 pairs of fields with one name in one place",
    ),
    "a deep lattice of fragments": (
        '{ subscriber(key: "a") { ...F0 } } '
        + " ".join(
            f"fragment F{n} on Subscriber {{ contacts {{ nodes {{ ...F{n + 1} ...F{n + 2} }} }} }}"
            for n in range(14)
        )
        + " fragment F14 on Subscriber { key } fragment F15 on Subscriber { key }",
        "more than 16 deep",
    ),
    "fragments side by side": (
        "{ viewer { "
        + " ".join(f"...F{n}" for n in range(90))
        + " } } "
        + " ".join(f"fragment F{n} on Viewer {{ role subject expiresAt }}" for n in range(90)),
        "2000 pairs of fields with one name in one place",
    ),
    "a long list": (
        "{ churnPropagation(seeds: [" + '"a" ' * 1_900 + "]) { subscribers } }",
        "list of more than 1000",
    ),
    "a deep list": (
        "{ cells(within: {polygon: " + "[" * 900 + "]" * 900 + "}) { totalCount } }",
        "nested too deeply",
    ),
    "a long text": (
        '{ subscriber(key: "' + "a" * 65_000 + '") { key } }',
        "text of more than 10000 characters",
    ),
    "a long name": ("{ " + "a" * 65_000 + " }", "Cannot query field"),
    "variables": (
        "query (" + " ".join(f"$v{n}: Int" for n in range(600)) + ") { viewer { role } }",
        "more than 2000 tokens",
    ),
    "unused variables": (
        "query (" + " ".join(f"$v{n}: Int" for n in range(480)) + ") { viewer { role } }",
        "more than 100 variables",
    ),
}

_KEY = "query ($k: ID!) { subscriber(key: $k) { key } }"
_AREA = "query ($p: GeoJSON!) { cells(within: {polygon: $p}) { totalCount } }"
_STATES = "query ($s: [ProblemState!]) { problems(filter: {states: $s}) { totalCount } }"

# What is odd about the request, and not about its document.
BODIES: dict[str, tuple[bytes, str]] = {
    "a batch": (_json([{"query": "{ viewer { role } }"}] * 20_000), "batches are not understood"),
    "deep JSON": (b"[" * 500_000 + b"]" * 500_000, "is not JSON"),
    "a long body": (_asked("{ a }", {"k": "a" * 2_000_000}), "longer than 1048576 bytes"),
    "a deep variable": (
        _asked(_KEY, {"k": 0}).replace(b"0", b"[" * 900 + b"]" * 900),
        "nested too deeply",
    ),
    "a long text in a variable": (_asked(_KEY, {"k": "a" * 1_000_000}), "text of more than 10000"),
    "a long list in a variable": (_asked(_STATES, {"s": ["OPEN"] * 1_001}), "list of more than"),
    "a longer list in a variable": (_asked(_STATES, {"s": ["OPEN"] * 130_000}), "list of more"),
    "a list in place of a key": (_asked(_KEY, {"k": [0] * 500_000}), "not a valid ID"),
    "an area of many corners": (
        _asked(_AREA, {"p": {"type": "Polygon", "coordinates": [[[1, 2]] * 170_000]}}),
        "positions",
    ),
}

SHAPES = {name: (_asked(text, {}), words) for name, (text, words) in DOCUMENTS.items()} | BODIES
