"""Settings come from defaults, file and environment; values out of range are refused, never clamped."""

import stat
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import (
    Settings,
    check_rate,
    env_overrides,
    env_sources,
    is_loopback,
    load_settings,
    save_settings,
    validate,
)


def test_the_defaults_are_valid_and_balanced() -> None:
    validate(Settings())
    assert (Settings().requests_per_second, Settings().max_connections, Settings().max_attempts) == (20, 10, 9)
    assert Settings().languages == ("en-US",)


def test_every_setting_says_what_it_is() -> None:
    for one in fields(Settings):
        assert one.metadata["label"] and one.metadata["help"], one.name


def test_environment_wins_over_file_and_file_over_default(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, replace(Settings(), requests_per_second=4.0, max_connections=5), {})
    environ = {"GDVG_REQUESTS_PER_SECOND": "7.5", "GDVG_TMDB_URL": "http://127.0.0.1:1/3", "GDVG_EXPORTS_URL": " "}
    found = load_settings(path, environ)
    assert (found.requests_per_second, found.max_connections) == (7.5, 5)
    assert found.tmdb_url == "http://127.0.0.1:1/3"
    assert found.exports_url == Settings().exports_url
    assert env_overrides(environ) == {"requests_per_second": "7.5", "tmdb_url": "http://127.0.0.1:1/3"}


def test_only_what_differs_is_written_and_what_the_environment_sets_is_not(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, replace(Settings(), theme="light", requests_per_second=9.0), {"GDVG_REQUESTS_PER_SECOND": "9"})
    assert path.read_text().strip() == 'theme = "light"'
    save_settings(path, Settings(), {})
    assert path.read_text() == ""


@pytest.mark.parametrize("rate", [-1, 40.5, 0, float("nan"), float("inf")])
def test_rates_outside_tmdbs_limit_are_refused_for_remote_servers(rate: float) -> None:
    with pytest.raises(UsageError):
        check_rate(rate, "https://api.themoviedb.org/3")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8/3", "http://localhost/3", "http://[::1]:9/3", "http://127.8.0.1/"])
def test_a_loopback_server_takes_any_rate(url: str) -> None:
    assert is_loopback(url)
    check_rate(0, url)
    check_rate(5000, url)
    with pytest.raises(UsageError):
        check_rate(-1, url)


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com/3", "http://localhost.example/3", "https://10.0.0.1/"])
def test_a_name_that_only_looks_like_loopback_is_remote(url: str) -> None:
    assert not is_loopback(url)


@pytest.mark.parametrize(
    "change",
    [
        {"max_connections": 21},
        {"max_connections": 0},
        {"max_attempts": 0},
        {"theme": "pink"},
        {"tmdb_url": "ftp://x/3"},
        {"proxy": "socks5://127.0.0.1:1"},
        {"requests_per_second": 41.0},
    ],
)
def test_values_out_of_range_are_refused(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        save_settings(tmp_path / "settings.toml", replace(Settings(), **change), {})  # type: ignore[arg-type]
    assert not (tmp_path / "settings.toml").exists()


@pytest.mark.parametrize("name", ["tmdb_url", "exports_url", "github_url", "proxy"])
@pytest.mark.parametrize(
    "url", ["http://[::1:9", "http://host:abc/3", "http://host:99999/3", "http://host:0", "https://", "host:3128", "/3"]
)
def test_an_address_that_is_none_is_refused_by_the_name_of_its_setting(name: str, url: str) -> None:
    label = Settings.__dataclass_fields__[name].metadata["label"]
    with pytest.raises(UsageError, match=label):
        validate(replace(Settings(), **{name: url}))
    assert not is_loopback(url)


@pytest.mark.parametrize("name", ["tmdb_url", "exports_url", "github_url", "proxy"])
@pytest.mark.parametrize(
    "secret", ["https://me:hunter2@h.example", "https://me@h.example", "https://h.example/3?k=1#a"]
)
def test_an_address_with_a_secret_is_not_kept_and_not_repeated(name: str, secret: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(UsageError, match="is not kept") as refused:
        save_settings(path, replace(Settings(), **{name: secret}), {})
    assert "hunter2" not in str(refused.value) and not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folders from others")
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("")
    path.chmod(0o644)
    save_settings(path, Settings(theme="dark"), {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_file_and_a_wrong_value_are_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = ")
    with pytest.raises(UsageError, match=r"settings\.toml"):
        load_settings(path, {})
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"settings\.toml"):
        load_settings(path, {})
    with pytest.raises(UsageError, match=str(tmp_path)):
        load_settings(tmp_path, {})  # a folder
    path.write_text('max_connections = "many"')
    with pytest.raises(UsageError, match="max_connections"):
        load_settings(path, {})
    path.unlink()
    with pytest.raises(UsageError, match="GDVG_REQUESTS_PER_SECOND"):
        load_settings(path, {"GDVG_REQUESTS_PER_SECOND": "fast"})


def test_unknown_keys_of_a_later_version_are_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('later = 1\ntheme = "dark"\n')
    save_settings(path, replace(load_settings(path, {}), theme="light"), {})
    assert "later = 1" in path.read_text()


def test_the_seed_designs_names_set_settings_and_ours_win(tmp_path: Path) -> None:
    environ = {
        "TMDB_BULK_DAILY_PAGES": "50",
        "TMDB_DELTA_LOOKBACK_DAYS": "3",
        "TMDB_REQUESTS_PER_SECOND": "10",
        "GDVG_REQUESTS_PER_SECOND": "12",
        "TMDB_SYNC_ALERT_EMAIL": "me@example.org",
        "TMDB_ERROR_RATE_THRESHOLD": "7.5",
    }
    found = load_settings(tmp_path / "none.toml", environ)
    assert found.mirror_daily_requests == 1000  # pages of twenty titles
    assert (found.delta_lookback_days, found.requests_per_second) == (3, 12.0)
    assert (found.alert_email, found.error_rate_threshold) == ("me@example.org", 7.5)
    assert env_sources(environ)["requests_per_second"] == "GDVG_REQUESTS_PER_SECOND"
    assert env_sources(environ)["mirror_daily_requests"] == "TMDB_BULK_DAILY_PAGES"
    ours = load_settings(tmp_path / "none.toml", environ | {"GDVG_MIRROR_DAILY_REQUESTS": "70"})
    assert ours.mirror_daily_requests == 70
    with pytest.raises(UsageError, match="TMDB_BULK_DAILY_PAGES=many"):
        load_settings(tmp_path / "none.toml", {"TMDB_BULK_DAILY_PAGES": "many"})


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": "25:00"}, {"quiet_to": "noon"}, {"alert_email": "nobody"}, {"delta_lookback_days": 15}],
)
def test_what_the_schedule_cannot_use_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        validate(replace(Settings(), **wrong))  # type: ignore[arg-type]
