"""GraphiQL: served whole by ourselves, and only to browsers."""

import re
from hashlib import sha256

from api.web import GRAPHIQL_FOLDER
from tests.api.conftest import Service

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_a_page_that_asks_nobody_else(nowhere: Service) -> None:
    response = nowhere.request("GET", "/graphql", headers={"accept": BROWSER})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert re.findall(r"(?:https?:)?//", response.text) == []
    sources = re.findall(r'(?:src|href)="([^"]*)"', response.text)
    assert sources == ["data:,", "/graphiql/page.css", "/graphiql/page.js"]
    for path in sources[1:]:
        assert nowhere.request("GET", path).status_code == 200


def test_its_files_load_nothing_from_outside() -> None:
    """Fonts and pictures are part of the style; links for people and namespaces are no loads."""
    style = (GRAPHIQL_FOLDER / "page.css").read_text()
    assert {target[:5] for target in re.findall(r"url\(['\"]?([^)]*)", style)} == {"data:"}
    assert "@import" not in style
    script = (GRAPHIQL_FOLDER / "page.js").read_text()
    assert re.findall(r"""(?:fetch|import|importScripts)\(["']https?:""", script) == []


def test_no_browser_may_load_anything_else(nowhere: Service) -> None:
    """A strict Content-Security-Policy, on every answer."""
    for path in ("/graphql", "/graphiql/page.js", "/healthz", "/nothing"):
        headers = nowhere.request("GET", path, headers={"accept": BROWSER}).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_question_by_get_is_answered_even_to_a_browser(nowhere: Service) -> None:
    response = nowhere.request("GET", "/graphql?query={viewer{role}}", headers={"accept": BROWSER})
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_the_bundle_is_what_was_built() -> None:
    """`make graphiql` writes the sums; nobody edits the bundle by hand."""
    for line in (GRAPHIQL_FOLDER / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert sha256((GRAPHIQL_FOLDER / name).read_bytes()).hexdigest() == digest
    licences = (GRAPHIQL_FOLDER / "LICENCES.txt").read_text()
    for package in ("graphiql 3.8.3 (MIT)", "react 18.3.1 (MIT)", "graphql 16.11.0 (MIT)"):
        assert package in licences


def test_files_outside_its_folder_stay_there(nowhere: Service) -> None:
    for path in ("/graphiql/../package.json", "/graphiql/%2e%2e/package.json", "/graphiql/"):
        assert nowhere.request("GET", path).status_code == 404
