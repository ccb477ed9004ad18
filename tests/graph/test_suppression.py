"""The list of those who were erased: whole, sealed, and for its owner only."""

from pathlib import Path

import pytest

from graph.errors import IdentityKeyError
from graph.identity import IdentityKey
from graph.settings import Settings
from graph.suppression import NOBODY, Suppression, suppress, unsuppress

KEY = IdentityKey(bytes(32))
ANN, BOB = (KEY.pseudonym("shop", name) for name in ("ann", "bob"))


def test_people_are_put_on_the_list_and_taken_off(tmp_path: Path) -> None:
    settings = Settings(home_dir=tmp_path)
    assert Suppression.of(settings, KEY) == NOBODY
    suppress(settings, KEY, frozenset({ANN}))
    suppress(settings, KEY, frozenset({ANN, BOB}))
    assert Suppression.of(settings, KEY).people == {ANN, BOB}
    unsuppress(settings, KEY, frozenset({ANN}))
    assert Suppression.of(settings, KEY).people == {BOB}


def test_the_file_tells_nobody_else_who_it_is(tmp_path: Path) -> None:
    settings = Settings(home_dir=tmp_path)
    suppress(settings, KEY, frozenset({ANN}))
    assert [path.name for path in tmp_path.iterdir()] == ["suppressed.sealed"]
    assert settings.suppression_file.stat().st_mode & 0o777 == 0o600
    content = settings.suppression_file.read_bytes()
    assert ANN.encode() not in content
    assert bytes.fromhex(ANN) not in content


@pytest.mark.parametrize("key", [KEY, IdentityKey(bytes([1] * 32))])
def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path, key: IdentityKey) -> None:
    settings = Settings(home_dir=tmp_path)
    suppress(settings, KEY, frozenset({ANN}))
    if key is KEY:
        settings.suppression_file.write_bytes(settings.suppression_file.read_bytes()[:-5])
    with pytest.raises(IdentityKeyError, match="until then nothing can be loaded"):
        Suppression.of(settings, key)
