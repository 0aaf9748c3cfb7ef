"""The verbs of `gdvg`.

Exit codes: 0 done, also when the mirror's budget of the day is used; 1 done with failed items, or an unexpected error;
2 wrong arguments; 3 key missing or refused; 4 TMDb unreachable; 5 database problem; 130 interrupted by the user, state
saved.
"""

from pathlib import Path
from typing import Annotated

import typer

from gdvg_desktop import __version__
from gdvg_desktop.cli import (
    alerts,
    api,
    audit,
    backup,
    coverage,
    daemon,
    demo,
    errors,
    gaps,
    health,
    history,
    imports,
    jobs,
    keys,
    lists,
    mirror,
    presets,
    remote,
    reset,
    schedule,
    settings,
    snapshots,
    status,
    sync,
    titles,
)
from gdvg_desktop.cli.session import Session
from gdvg_desktop.core.errors import UsageError


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gdvg {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The whole command tree."""
    cli = typer.Typer(
        name="gdvg",
        help="A complete, self-healing local mirror of TMDb.",
        no_args_is_help=True,
        add_completion=True,
        rich_markup_mode=None,  # errors as one plain sentence, also in narrow terminals and pipes
        pretty_exceptions_enable=False,
    )

    @cli.callback()
    def options(
        context: typer.Context,
        data_dir: Annotated[
            Path | None,
            typer.Option("--data-dir", help="The data folder. Default: GDVG_DATA_DIR, then the user's own."),
        ] = None,
        _as_json: Annotated[
            bool, typer.Option("--json", help="Print exactly one JSON document on stdout; may follow the verb as well.")
        ] = False,
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
        ] = False,
    ) -> None:
        session: Session = context.obj
        session.data_dir = data_dir

    cli.add_typer(imports.cli, name="import", help="Preview and start imports.")
    cli.add_typer(presets.cli, name="presets", help="Import filters kept under a name.")
    cli.add_typer(jobs.cli, name="jobs", help="See and steer the queue.")
    cli.add_typer(gaps.cli, name="gaps", help="Find what is missing or incomplete, see why, and fill it.")
    cli.add_typer(errors.cli, name="errors", help="What failed, and trying it again.")
    cli.add_typer(history.cli, name="history", help="The runs of the past.")
    cli.add_typer(mirror.cli, name="mirror", help="Hold everything the scope wants.")
    cli.add_typer(lists.cli, name="lists", help="Short lists of TMDb brought up to date.")
    cli.add_typer(titles.cli, name="titles", help="Look titles up and write them out.")
    cli.add_typer(sync.cli, name="sync", help="Follow what changes at TMDb, and refresh by age.")
    cli.add_typer(schedule.cli, name="schedule", help="When work starts by itself, and the pause over all of it.")
    cli.add_typer(settings.cli, name="settings", help="All settings, and carrying them to another computer.")
    cli.add_typer(alerts.cli, name="alerts", help="What needs you, and where you are told.")
    cli.add_typer(api.cli, name="api", help="The control API for scripts of this computer.")
    cli.add_typer(remote.cli, name="remote", help="The sync that runs in GitHub Actions.")
    cli.add_typer(keys.cli, name="key", help="The TMDb key.")
    cli.add_typer(backup.cli, name="backup", help="Whole, verified copies of the library.")
    cli.add_typer(snapshots.cli, name="snapshots", help="What the library held when, and what changed since.")
    cli.add_typer(reset.cli, name="reset", help="Forget what was worked out, so that it is worked out anew.")
    cli.command("coverage", help="How much of TMDb the library holds, proved id by id.")(coverage.show)
    cli.add_typer(demo.cli, name="demo", help="A made-up catalogue to try things on.")
    cli.command("audit", help="Check the whole library.")(audit.audit)
    cli.command("purge", help="Remove all of TMDb's data for good.")(reset.purge)
    cli.command("health", help="A quick look at the file, the disk, the key and the exports.")(health.show)
    cli.command("daemon", help="Work the queue and the schedule without any screen.")(daemon.daemon)
    cli.command("status", help="The state of the mirror.")(status.show)
    return cli


def main(arguments: list[str]) -> int:
    """Run one command line; returns the exit code. `--json` may stand anywhere before a lone `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    as_json = "--json" in arguments[:end]  # known before the arguments are: they may not be understood
    arguments = [one for index, one in enumerate(arguments) if one != "--json" or index > end]
    session = Session(as_json=as_json)
    try:
        build()(arguments, prog_name="gdvg", obj=session)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
        if code:
            session.answer_error(UsageError.title, "The arguments were not understood.", "See: gdvg --help.")
        return code
    return 0
