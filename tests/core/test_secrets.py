"""Named secrets are kept in the keyring, given by the environment, and hidden from every text."""

import keyring
import pytest
from keyring.backends.null import Keyring as NullKeyring

from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import KeyringUnavailable
from gdvg_desktop.core.secrets import API_TOKEN, SecretStore

SECRET = "a-token-of-thirty-characters-xx"


def test_a_secret_is_kept_under_its_name_and_hidden() -> None:
    secrets = SecretStore({})
    secrets.save("alert:1", SECRET)
    assert secrets.load("alert:1") == SECRET
    assert secrets.load("alert:2") is None
    assert SECRET not in redact(f"GET http://127.0.0.1/?token={SECRET}")
    assert secrets.remove("alert:1")
    assert not secrets.remove("alert:1")


def test_the_environment_wins_and_is_said_to() -> None:
    secrets = SecretStore({"GDVG_API_TOKEN": SECRET})
    assert secrets.from_environment(API_TOKEN)
    assert secrets.load(API_TOKEN) == SECRET


def test_a_keyring_that_forgets_is_not_trusted() -> None:
    keyring.set_keyring(NullKeyring())
    with pytest.raises(KeyringUnavailable):
        SecretStore({}).save("alert:1", SECRET)


def test_a_real_keyring_holds_every_name_apart(real_keyring: None) -> None:
    secrets = SecretStore({})
    secrets.save(API_TOKEN, SECRET)
    secrets.save("alert:1", "discord://id/word")
    assert (secrets.load(API_TOKEN), secrets.load("alert:1")) == (SECRET, "discord://id/word")
    assert secrets.remove(API_TOKEN)
    assert secrets.load(API_TOKEN) is None
