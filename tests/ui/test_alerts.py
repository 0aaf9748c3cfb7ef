"""Alerts in the window: the dock, the bell with its popup, toasts, where they lead, and the page of the settings."""

from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from gdvg_desktop.alerts.watch import AlertWatch, Looked
from gdvg_desktop.app import App
from gdvg_desktop.commands import alerts
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import AlertsChanged, LinkAsked, Notified
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store import alerts as rows
from gdvg_desktop.store.alerts import Finding
from gdvg_desktop.ui.docks.alerts import AlertsDock
from gdvg_desktop.ui.widgets.toasts import Toast
from tests.ui.face_world import Face

POPULAR = Finding("", 1312, {"count": 1312, "limit": 0, "popularity": 10.0})
DISK = Finding("", 2.0, {"free": 450, "limit": 1000, "disk": "/data"})


async def raise_alert(app: App, rule: str, severity: str, found: Finding) -> int:
    now_ms = to_millis(app.clock.now())
    alert, _ = await app.store.write(lambda db: rows.raise_one(db, rule, severity, found, now_ms))
    app.bus.publish(AlertsChanged())
    return alert.id


async def end_alert(app: App, number: int) -> None:
    await app.store.write(lambda db: rows.resolve(db, number, to_millis(app.clock.now())))
    app.bus.publish(AlertsChanged())


@pytest.fixture
def window(face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    """A window whose engine does not look after the alerts itself: it would end those that are not so."""

    async def look(_watch: AlertWatch) -> Looked:
        return Looked()

    monkeypatch.setattr(AlertWatch, "look", look)
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.until(lambda: face.contents.alerts.now_ms and face.ask(alerts.targets))
    return face


def dock_of(face: Face) -> AlertsDock:
    return cast(AlertsDock, face.contents.docks[AlertsDock.KEY])


def next_stop(widget: QWidget) -> QWidget:
    """Where the Tab key goes from here."""
    found = widget.nextInFocusChain()
    while not (found.focusPolicy() & Qt.FocusPolicy.TabFocus and found.isVisible() and found.isEnabled()):
        found = found.nextInFocusChain()
    return found


def toasts(face: Face) -> list[Toast]:
    return face.contents._window.toasts.toasts()


def test_without_alerts_all_is_well(window: Face) -> None:
    dock, bell = dock_of(window), window.contents.bell.bell
    assert dock.isVisible() and not dock.list.cards and not dock.dismiss_all.isVisible()
    assert dock._open.currentWidget().accessibleName() == "All is well"
    assert (bell.count(), bell.accessibleName()) == (0, "Alerts: none")


def test_an_alert_comes_as_card_mark_and_toast_and_goes_by_itself(window: Face) -> None:
    dock, bell = dock_of(window), window.contents.bell.bell
    first = window.ask(partial(raise_alert, rule="popular_missing", severity="info", found=POPULAR))
    second = window.ask(partial(raise_alert, rule="low_disk", severity="warning", found=DISK))
    window.until(lambda: len(dock.list.cards) == 2)
    assert bell.accessibleName() == "Alerts: 2" and dock.dismiss_all.isVisible()
    card = dock.list.cards[first]
    assert card.accessibleName() == "Hint: 1,312 popular titles are missing"
    assert "popularity 10 or more" in card.accessibleDescription()
    assert [toast.accessibleName() for toast in toasts(window)] == [
        "The disk is filling up",
        "1,312 popular titles are missing",
    ]
    kept = dock.list.cards[second]
    assert list(dock.list.cards) == [second, first]
    window.until(lambda: kept.y() < card.y())
    assert next_stop(kept.more) is card.link  # the keyboard goes as the eye does, whichever came first
    window.ask(partial(end_alert, number=first))
    window.until(lambda: list(dock.list.cards) == [second])
    assert dock.list.cards[second] is kept and bell.count() == 1
    dock.show_page(1)
    assert [one.accessibleDescription().split()[0] for one in dock.earlier.cards.values()] == ["Resolved"]
    assert len(toasts(window)) == 2  # what is known already is not told again
    window.contents.alerts.ask()
    assert len(toasts(window)) == 2


def test_an_alert_leads_to_what_it_is_about(window: Face) -> None:
    number = window.ask(partial(raise_alert, rule="popular_missing", severity="info", found=POPULAR))
    dock = dock_of(window)
    window.until(lambda: number in dock.list.cards)
    dock.list.cards[number].link.click()
    assert window.contents._window.screen_name() == "gaps"
    window.contents.bus.publish(LinkAsked("errors"))  # a click on a notification of the desktop
    window.until(lambda: window.contents._window.screen_name() == "history")
    window.contents.bus.publish(LinkAsked("settings:alerts"))
    window.until(lambda: window.contents._dialog is not None)
    assert window.contents._dialog.list.currentItem().text() == "Notifications"  # type: ignore[union-attr]


def test_alerts_are_dismissed_snoozed_and_muted_by_keyboard(window: Face) -> None:
    for rule, severity, found in (("popular_missing", "info", POPULAR), ("low_disk", "warning", DISK)):
        window.ask(partial(raise_alert, rule=rule, severity=severity, found=found))
    dock, feed = dock_of(window), window.contents.alerts
    window.until(lambda: len(dock.list.cards) == 2)
    dock.take_focus()
    first, second = dock.list.cards.values()
    first.dismiss.setFocus()
    window.qtbot.keyClick(first.dismiss, Qt.Key.Key_Space)
    window.until(lambda: len(dock.list.cards) == 1)
    assert second.dismiss.hasFocus() or not second.isActiveWindow()
    menu = second.menu()
    names = [act.text() for act in menu.actions() if act.isEnabled() and act.text()]
    assert names == ["Snooze for 1 hour", "Snooze for 1 day", "Snooze for 1 week", "Mute this rule"]
    next(act for act in menu.actions() if "1 day" in act.text()).trigger()
    window.until(lambda: not dock.list.cards)
    assert {one.state for one in feed.rest} == {"acknowledged", "snoozed"}
    feed.mute("missed_run")
    window.until(lambda: any(one.accessibleName() == "Missed run is muted" for one in toasts(window)))
    missed = Finding("delta", 1, {"task": "Changes sync", "count": 1, "planned_at": 0, "reason": "offline"})
    before = len(toasts(window))
    window.ask(partial(raise_alert, rule="missed_run", severity="warning", found=missed))
    window.until(lambda: any(one.rule == "missed_run" for one in feed.rest))
    assert len(toasts(window)) == before and window.contents.bell.bell.count() == 0


def test_the_bell_opens_the_list_and_dismisses_all(window: Face) -> None:
    window.ask(partial(raise_alert, rule="low_disk", severity="warning", found=DISK))
    bell = window.contents.bell
    window.until(lambda: bell.bell.count() == 1)
    bell.bell.setFocus()
    window.qtbot.keyClick(bell.bell, Qt.Key.Key_Space)
    window.until(bell.centre.isVisible)
    (card,) = bell.centre.list.cards.values()
    assert card.isVisible() and card.height() <= bell.centre.height()
    bell.centre.dismiss_all.click()
    window.until(lambda: not bell.centre.list.cards)
    assert not bell.centre.dismiss_all.isVisible()
    window.qtbot.keyClick(bell.centre, Qt.Key.Key_Escape)
    assert not bell.centre.isVisible()


def test_targets_and_rules_are_kept_on_the_notifications_page(window: Face) -> None:
    dialog = window.contents.open_settings("alerts")
    page = dialog.notifications
    window.until(lambda: page.targets.cards and len(page.rules.rows) == 14)
    (desktop,) = page.targets.cards.values()
    assert desktop.target.channel == "desktop" and desktop.events["error"].isChecked()
    desktop.events["info"].click()
    window.until(lambda: "info" in window.ask(alerts.targets)[0].events)
    page.targets.add.click()
    page.targets.form.channel.setCurrentIndex(1)
    page.targets.form.name.setText("Hook")
    page.targets.form.address.setText("nowhere")
    page.targets.form.save.click()
    window.until(lambda: "http" in page.targets.form.field.error())
    page.targets.form.address.setText("http://127.0.0.1:9/hook Bearer sesame-open-0815")
    page.targets.form.save.click()
    window.until(lambda: len(page.targets.cards) == 2)
    assert page.targets.form.address.text() == "" and not page.targets.form.isVisible()
    hook = next(card for card in page.targets.cards.values() if card.target.name == "Hook")
    hook.test.click()
    window.until(lambda: hook.badge.text() == "Failing")
    assert "cannot be reached" in hook.problem.plain_text() and "sesame" not in hook.problem.plain_text()
    assert "cannot be reached" in page.targets.message.accessibleName()
    hook.remove.click()
    assert hook.remove.text() == "Remove for good" and "Hook" in page.targets.message.accessibleName()
    assert len(window.ask(alerts.targets)) == 2
    hook.remove.click()
    window.until(lambda: len(page.targets.cards) == 1)
    assert page.targets.message.accessibleName() == "Hook is removed."
    freshness = page.rules.rows["freshness"]
    assert freshness.threshold is not None
    freshness.threshold.setValue(120)
    rule = lambda: next(one for one in window.ask(alerts.rules) if one.name == "freshness")  # noqa: E731
    window.until(lambda: rule().threshold == 120)
    freshness.enabled.click()
    window.until(lambda: not rule().enabled)
    for control in (*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)):
        if control.objectName().startswith("qt_") or not control.isVisible():
            continue
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
        assert control.accessibleName() or cast(Any, control).text(), control


def test_a_channel_is_added_by_keyboard_and_once(window: Face) -> None:
    dialog = window.contents.open_settings("alerts")
    section, keys = dialog.notifications.targets, window.qtbot.keyClick
    window.until(lambda: section.cards)
    form = section.form
    section.add.setFocus()
    keys(section.add, Qt.Key.Key_Return)
    assert form.isVisible() and dialog.focusWidget() is form.channel
    window.qtbot.keyClicks(form.name, "Hook")
    keys(form.name, Qt.Key.Key_Escape)
    assert dialog.isVisible() and not form.isVisible() and form.name.text() == ""
    assert dialog.focusWidget() is section.add
    section.add.click()
    form.channel.setCurrentIndex(form.channel.findData("webhook"))
    window.qtbot.keyClicks(form.name, "Hook")
    keys(form.name, Qt.Key.Key_Return)
    window.until(lambda: "No address" in form.field.error())
    assert dialog.isVisible()
    window.qtbot.keyClicks(form.address, "http://127.0.0.1:9/hook")
    for _ in range(2):
        keys(form.address, Qt.Key.Key_Return)
    window.until(lambda: not form.isVisible())
    window.until(lambda: len(section.cards) == 2)
    assert [one.name for one in window.ask(alerts.targets)] == ["Desktop", "Hook"]
    assert dialog.isVisible() and dialog.focusWidget() is section.add


def test_a_mail_address_that_was_applied_is_offered(window: Face) -> None:
    dialog = window.contents.open_settings("alerts")
    form = dialog.notifications.targets.form
    editor = dialog.row("alert_email").editor
    window.qtbot.keyClicks(editor.focus_widget(), "me@example.org")
    dialog.apply.click()
    window.until(form.isVisible)
    assert form.name.text() == "me@example.org"


def test_muting_a_rule_says_so_and_is_taken_back_there(window: Face) -> None:
    number = window.ask(partial(raise_alert, rule="low_disk", severity="warning", found=DISK))
    dock = dock_of(window)
    window.until(lambda: number in dock.list.cards)
    next(act for act in dock.list.cards[number].menu().actions() if act.text() == "Mute this rule").trigger()
    window.until(lambda: any(one.accessibleName() == "Low disk is muted" for one in toasts(window)))
    window.until(lambda: not dock.list.cards)
    toast = next(one for one in toasts(window) if one.accessibleName() == "Low disk is muted")
    next(one for one in toast.findChildren(QAbstractButton) if one.text() == "Unmute").click()
    window.until(lambda: number in dock.list.cards)


def test_an_alert_of_a_muted_rule_says_so(window: Face) -> None:
    window.ask(partial(alerts.mute, name="low_disk"))
    window.ask(partial(raise_alert, rule="low_disk", severity="warning", found=DISK))
    dock = dock_of(window)
    window.until(lambda: dock.earlier.cards)
    (card,) = dock.earlier.cards.values()
    assert card._text.plain_text() == "Muted"


def test_a_mail_address_of_the_environment_is_offered(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_SYNC_ALERT_EMAIL", "me@example.org")
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    page = face.contents.open_settings("alerts").notifications
    face.until(lambda: page.targets.form.isVisible())
    assert page.targets.form.name.text() == "me@example.org"


def test_where_only_the_tray_can_notify_and_there_is_none_it_is_a_toast(window: Face) -> None:
    window.contents.bus.publish(Notified("The mirror is complete", "Every title is held.", "info", "library"))
    window.until(lambda: toasts(window))
    (toast,) = toasts(window)
    assert toast.accessibleName() == "The mirror is complete"
    next(one for one in toast.findChildren(QAbstractButton) if one.text() == "Open").click()
    assert window.contents._window.screen_name() == "library"
