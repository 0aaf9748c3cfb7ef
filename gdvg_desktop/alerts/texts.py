"""The English words of alerts, events and rules. Rows keep codes and arguments; here they become sentences.

The templates are marked for translation (context "Alerts") and translated by whoever shows them, before the arguments
are put in; what is sent elsewhere stays English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Translate = Callable[[str], str]


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text for translation; Qt is not needed for that."""
    return text


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """A rule's own name and meaning, and the templates of its alerts. `one` is the title for a count of one."""

    name: str
    help: str
    title: str
    text: str
    why: str
    link: str
    one: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What an alert says: a headline, a sentence with what to do, the numbers it was decided on, the link's verb."""

    title: str
    text: str
    why: str
    link: str


TEXTS: dict[str, RuleTexts] = {
    "import_stalled": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Import stalled"),
        QT_TRANSLATE_NOOP("Alerts", "No title stored or checked for this many hours of awake, unpaused time."),
        QT_TRANSLATE_NOOP("Alerts", "Nothing has come in for {hours} hours"),
        QT_TRANSLATE_NOOP("Alerts", "There is work to do, but no title was stored or checked. Look at the queue."),
        QT_TRANSLATE_NOOP("Alerts", "{hours} hours awake and unpaused without a title; the limit is {limit} hours."),
        QT_TRANSLATE_NOOP("Alerts", "Open queue"),
    ),
    "error_rate": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Error rate"),
        QT_TRANSLATE_NOOP("Alerts", "More of the last 24 hours' titles failed than this, of at least 50."),
        QT_TRANSLATE_NOOP("Alerts", "{rate}% of the titles failed"),
        QT_TRANSLATE_NOOP("Alerts", "{failed} of {attempts} titles failed in the last 24 hours; {open} are open."),
        QT_TRANSLATE_NOOP("Alerts", "{failed} of {attempts} is {rate}%; the limit is {limit}%."),
        QT_TRANSLATE_NOOP("Alerts", "Review errors"),
    ),
    "import_rate": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Import rate"),
        QT_TRANSLATE_NOOP("Alerts", "Today brings less than this share of what the last 7 days did in the same time."),
        QT_TRANSLATE_NOOP("Alerts", "The import is slow today"),
        QT_TRANSLATE_NOOP("Alerts", "{imported} titles in {minutes} minutes of work, where {usual} are usual."),
        QT_TRANSLATE_NOOP(
            "Alerts", "{share}% of the 7-day average for the same {minutes} minutes of work; the limit is {limit}%."
        ),
        QT_TRANSLATE_NOOP("Alerts", "Open queue"),
    ),
    "key_refused": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Key refused"),
        QT_TRANSLATE_NOOP("Alerts", "TMDb does not take the key, so nothing can be fetched."),
        QT_TRANSLATE_NOOP("Alerts", "TMDb refused the key"),
        QT_TRANSLATE_NOOP("Alerts", "All work waits for a key that TMDb takes. Enter another one."),
        QT_TRANSLATE_NOOP("Alerts", "TMDb answered: {message}"),
        QT_TRANSLATE_NOOP("Alerts", "Change TMDb key"),
    ),
    "low_disk": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Low disk"),
        QT_TRANSLATE_NOOP("Alerts", "Less is free where the library lies than this."),
        QT_TRANSLATE_NOOP("Alerts", "The disk is filling up"),
        QT_TRANSLATE_NOOP("Alerts", "{free} MB are free at {disk}. Free some space before all work has to pause."),
        QT_TRANSLATE_NOOP("Alerts", "{free} MB free; the limit is {limit} MB."),
        QT_TRANSLATE_NOOP("Alerts", "Database settings"),
    ),
    "export_refused": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Export not trusted"),
        QT_TRANSLATE_NOOP("Alerts", "TMDb's daily export could not be taken over."),
        QT_TRANSLATE_NOOP("Alerts", "TMDb's export of {type} is not usable"),
        QT_TRANSLATE_NOOP("Alerts", "Coverage goes by the export trusted last. Nothing is deleted on its account."),
        QT_TRANSLATE_NOOP("Alerts", "{reason} The export in use is of {trusted}."),
        QT_TRANSLATE_NOOP("Alerts", "Mirror settings"),
    ),
    "popular_missing": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Popular titles missing"),
        QT_TRANSLATE_NOOP("Alerts", "More popular titles are missing than this."),
        QT_TRANSLATE_NOOP("Alerts", "{count} popular titles are missing"),
        QT_TRANSLATE_NOOP("Alerts", "The last gap analysis found them. Filling the gaps fetches them."),
        QT_TRANSLATE_NOOP("Alerts", "{count} missing titles of popularity {popularity} or more; the limit is {limit}."),
        QT_TRANSLATE_NOOP("Alerts", "View gaps"),
        QT_TRANSLATE_NOOP("Alerts", "A popular title is missing"),
    ),
    "missed_run": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Missed run"),
        QT_TRANSLATE_NOOP("Alerts", "A planned run did not happen."),
        QT_TRANSLATE_NOOP("Alerts", "{task}: {count} runs missed"),
        QT_TRANSLATE_NOOP("Alerts", "The latest was planned for {planned_at}. Run it now, or wait for the next one."),
        QT_TRANSLATE_NOOP("Alerts", "{count} missed since the last run; reason: {reason}."),
        QT_TRANSLATE_NOOP("Alerts", "Open schedule"),
        QT_TRANSLATE_NOOP("Alerts", "{task}: a run was missed"),
    ),
    "freshness": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Freshness"),
        QT_TRANSLATE_NOOP("Alerts", "A title was not checked for longer than this. TMDb allows 180 days."),
        QT_TRANSLATE_NOOP("Alerts", "Some titles were not checked for {days} days"),
        QT_TRANSLATE_NOOP("Alerts", "TMDb's terms forbid keeping data over six months. Refresh the oldest titles."),
        QT_TRANSLATE_NOOP("Alerts", "The oldest check is {days} days ago; the limit is {limit} days and two to act."),
        QT_TRANSLATE_NOOP("Alerts", "Mirror settings"),
    ),
    "schedule_paused": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Schedule still paused"),
        QT_TRANSLATE_NOOP("Alerts", "The schedule has been paused for longer than this."),
        QT_TRANSLATE_NOOP("Alerts", "The schedule is still paused"),
        QT_TRANSLATE_NOOP("Alerts", "Nothing is fetched by itself since {since}. Resume it when you are ready."),
        QT_TRANSLATE_NOOP("Alerts", "Paused since {since} ({by}); a reminder comes after {limit} hours."),
        QT_TRANSLATE_NOOP("Alerts", "Open schedule"),
    ),
    "deletions_waiting": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Many deletions"),
        QT_TRANSLATE_NOOP("Alerts", "TMDb has deleted so much that nothing goes without your word."),
        QT_TRANSLATE_NOOP("Alerts", "{count} deletions wait for your word"),
        QT_TRANSLATE_NOOP("Alerts", "{name} is paused. Going on with it marks these titles as deleted."),
        QT_TRANSLATE_NOOP("Alerts", "{count} titles are more than 5% of what the library holds of a type."),
        QT_TRANSLATE_NOOP("Alerts", "Open queue"),
    ),
    "library_damaged": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Library damaged"),
        QT_TRANSLATE_NOOP("Alerts", "Reading the whole library file found damage."),
        QT_TRANSLATE_NOOP("Alerts", "The library is damaged"),
        QT_TRANSLATE_NOOP("Alerts", "Put the newest backup back in Settings, Database."),
        QT_TRANSLATE_NOOP("Alerts", "Problems found: {count}. The first: {first}"),
        QT_TRANSLATE_NOOP("Alerts", "Database settings"),
    ),
    "job_stalled": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Job stalled"),
        QT_TRANSLATE_NOOP("Alerts", "A running job gets nowhere."),
        QT_TRANSLATE_NOOP("Alerts", "{name} gets nowhere"),
        QT_TRANSLATE_NOOP("Alerts", "It can be restarted where it stands."),
        QT_TRANSLATE_NOOP("Alerts", "Job {job} has made no progress since {since}."),
        QT_TRANSLATE_NOOP("Alerts", "Open queue"),
    ),
    "channel_failing": RuleTexts(
        QT_TRANSLATE_NOOP("Alerts", "Channel failing"),
        QT_TRANSLATE_NOOP("Alerts", "Messages to a target do not get through."),
        QT_TRANSLATE_NOOP("Alerts", "Notifications to {target} do not get through"),
        QT_TRANSLATE_NOOP("Alerts", "They are kept and tried again. Test the target once it is mended."),
        QT_TRANSLATE_NOOP("Alerts", "Since {since}: {problem}"),
        QT_TRANSLATE_NOOP("Alerts", "Notification settings"),
    ),
}

EVENTS: dict[str, str] = {
    "error": QT_TRANSLATE_NOOP("Alerts", "Errors"),
    "warning": QT_TRANSLATE_NOOP("Alerts", "Warnings"),
    "info": QT_TRANSLATE_NOOP("Alerts", "Hints"),
    "resolved": QT_TRANSLATE_NOOP("Alerts", "Resolved"),
    "run_finished": QT_TRANSLATE_NOOP("Alerts", "Run finished"),
    "mirror_complete": QT_TRANSLATE_NOOP("Alerts", "Mirror complete"),
    "budget_pause": QT_TRANSLATE_NOOP("Alerts", "Budget used"),
    "digest": QT_TRANSLATE_NOOP("Alerts", "Daily summary"),
}
"""The events a target can choose, in the order of the matrix."""

_MISSED = {
    "not_awake": QT_TRANSLATE_NOOP("Alerts", "the computer slept or was off"),
    "offline": QT_TRANSLATE_NOOP("Alerts", "there was no network"),
    "on_battery": QT_TRANSLATE_NOOP("Alerts", "the computer ran on battery"),
    "metered": QT_TRANSLATE_NOOP("Alerts", "the network costs by volume"),
    "quiet_hours": QT_TRANSLATE_NOOP("Alerts", "it was within the quiet hours"),
    "running": QT_TRANSLATE_NOOP("Alerts", "the run before it was not over"),
    "job_paused": QT_TRANSLATE_NOOP("Alerts", "its job was paused"),
    "not_set_up": QT_TRANSLATE_NOOP("Alerts", "it was not set up yet"),
    "budget": QT_TRANSLATE_NOOP("Alerts", "the requests of the day were used"),
}
_TYPES = {
    "movie": QT_TRANSLATE_NOOP("Alerts", "movies"),
    "tv": QT_TRANSLATE_NOOP("Alerts", "TV series"),
}
_INSTANTS = frozenset({"since", "planned_at"})


def words(rule: str, args: Mapping[str, Any], translate: Translate = str) -> Words:
    """What an alert of a rule says. A rule of another version of the program is named as it is stored."""
    found = TEXTS.get(rule)
    if found is None:
        return Words(rule, "", "", "")
    shown = {name: _shown(name, value, translate) for name, value in args.items()}
    title = found.one if found.one and args.get("count") == 1 else found.title
    texts = (translate(text).format_map(_Lenient(shown)) for text in (title, found.text, found.why, found.link))
    return Words(*texts)


def event_words(event: str, args: Mapping[str, Any], translate: Translate = str) -> tuple[str, str]:
    """Headline and sentence of an event that is no alert."""
    shown = _Lenient({name: _shown(name, value, translate) for name, value in args.items()})
    title, text = {
        "run_finished": (
            QT_TRANSLATE_NOOP("Alerts", "{name} finished"),
            QT_TRANSLATE_NOOP("Alerts", "{added} added, {updated} updated, {skipped} skipped, {failed} failed."),
        ),
        "run_failed": (
            QT_TRANSLATE_NOOP("Alerts", "{name} failed"),
            QT_TRANSLATE_NOOP("Alerts", "{added} added, {updated} updated, {failed} failed."),
        ),
        "mirror_complete": (
            QT_TRANSLATE_NOOP("Alerts", "The mirror is complete"),
            QT_TRANSLATE_NOOP("Alerts", "Every title of the scope that TMDb's export names is held."),
        ),
        "budget_pause": (
            QT_TRANSLATE_NOOP("Alerts", "{name} waits for tomorrow"),
            QT_TRANSLATE_NOOP("Alerts", "The budget of the day is used. It goes on by itself at 00:00 UTC."),
        ),
        "digest": (
            QT_TRANSLATE_NOOP("Alerts", "GDVG Desktop: the day in short"),
            QT_TRANSLATE_NOOP(
                "Alerts", "{added} titles added, {updated} updated, {failed} failed. Open alerts: {alerts}."
            ),
        ),
        "test": (
            QT_TRANSLATE_NOOP("Alerts", "Test from GDVG Desktop"),
            QT_TRANSLATE_NOOP("Alerts", "Notifications to {target} get through."),
        ),
    }[event]
    return translate(title).format_map(shown), translate(text).format_map(shown)


class _Lenient(dict[str, str]):
    """A value that an older row does not have is shown as a dash, not as an error."""

    def __missing__(self, key: str) -> str:
        return "–"


def _shown(name: str, value: Any, translate: Translate) -> str:
    if value is None:
        return "–"
    if name in _INSTANTS:
        return f"{datetime.fromtimestamp(value / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
    if name == "type":
        return translate(_TYPES.get(value, value))
    if name == "reason":
        return translate(_MISSED.get(value, value))
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    return str(value)
