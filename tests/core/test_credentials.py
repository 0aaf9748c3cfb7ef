"""Keys are told apart by shape, kept in the keyring and stay out of every text."""

import base64
import json

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends.null import Keyring as NullKeyring

from gdvg_desktop.core.credentials import (
    CredentialKind,
    CredentialSource,
    CredentialStore,
    hide,
    parse_credential,
    redact,
)
from gdvg_desktop.core.errors import CredentialError, KeyringUnavailable


def token() -> str:
    parts = [{"alg": "HS256"}, {"aud": "0" * 32, "scopes": ["api_read"]}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl-_"])


KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("text", [KEY, f"  {KEY}\n", KEY.upper(), f"Bearer {KEY}", f"{KEY[:16]} {KEY[16:]}"])
def test_a_key_is_known_by_its_shape(text: str) -> None:
    found = parse_credential(text)
    assert (found.kind, found.secret) == (CredentialKind.KEY, KEY)


@pytest.mark.parametrize("wrap", ["{}", "Bearer {}", "bearer  {}\r\n", "\t{}"])
def test_a_token_is_known_by_its_shape(wrap: str) -> None:
    found = parse_credential(wrap.format(token()))
    assert (found.kind, found.secret) == (CredentialKind.TOKEN, token())


@pytest.mark.parametrize("text", ["", "  ", "Bearer ", KEY[:-1], KEY + "0", "g" * 32, "a.b.c", "eyJ.eyJ"])
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(CredentialError) as caught:
        parse_credential(text)
    if text.strip():
        assert text.strip() not in str(caught.value)


def test_a_credential_does_not_show_its_secret() -> None:
    found = parse_credential(token())
    assert found.secret not in repr(found)
    assert found.secret not in f"{found}"


@given(st.text(), st.sampled_from(["api_key={}", "?x=1&api_key={}&y=2", "Authorization: Bearer {}", "key {} end"]))
def test_known_secrets_are_redacted_everywhere(around: str, shape: str) -> None:
    hide(KEY)
    assert KEY not in redact(f"{around}{shape.format(KEY)}{around}")


def test_unknown_keys_in_urls_and_tokens_are_redacted_too() -> None:
    text = redact(f"GET https://x/3/movie/1?api_key=deadbeef&language=en and Bearer {token()} and {token()}")
    assert "deadbeef" not in text and token() not in text
    assert "language=en" in text


def test_the_environment_wins_over_the_keyring() -> None:
    store = CredentialStore({})
    assert store.load() is None
    assert store.save(parse_credential(KEY)) is CredentialSource.KEYRING
    assert store.load() == (parse_credential(KEY), CredentialSource.KEYRING)
    other = "f" * 32
    assert CredentialStore({"TMDB_API_KEY": other}).load() == (parse_credential(other), CredentialSource.ENVIRONMENT)
    assert CredentialStore({"TMDB_API_KEY": "  "}).load() == (parse_credential(KEY), CredentialSource.KEYRING)


def test_a_session_key_is_kept_in_memory_only() -> None:
    store = CredentialStore({})
    store.save(parse_credential(KEY), session_only=True)
    assert store.load() == (parse_credential(KEY), CredentialSource.SESSION)
    assert CredentialStore({}).load() is None


def test_removing_forgets_and_says_whether_there_was_one() -> None:
    store = CredentialStore({})
    store.save(parse_credential(KEY))
    assert store.remove() is True
    assert store.load() is None
    assert store.remove() is False


def test_a_keyring_that_forgets_is_not_trusted() -> None:
    keyring.set_keyring(NullKeyring())
    with pytest.raises(KeyringUnavailable):
        CredentialStore({}).save(parse_credential(KEY))


def test_a_real_keyring_keeps_the_key(real_keyring: None) -> None:
    CredentialStore({}).save(parse_credential(token()))
    assert CredentialStore({}).load() == (parse_credential(token()), CredentialSource.KEYRING)
    assert CredentialStore({}).remove() is True
