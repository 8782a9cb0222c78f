"""The command that finds its subcommands among the plugins, and imports the one that is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.errors import BrokenPluginError, LuthierError, StationError, UnknownPluginError
from luthier.plugins.kinds import FIRST_PARTY

from luthier_cli.streams import reader_is_gone

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from luthier.plugins import PluginEntry

__all__ = ["PluginGroup"]


class PluginGroup(click.Group):
    """A group whose commands are the plugins of the kind ``commands``.

    Errors of Luthier and of the system (files, network) become one message and the exit code 1; with the parameter
    ``debug`` they pass as they are, and so does everything else in any case: that is a fault of a program.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands that can be typed; nothing is imported."""
        return list(plugins.registry("commands").names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command; ``None`` where there is none of that name.

        Raises the errors of :meth:`luthier.plugins.Registry.load`.
        """
        commands = plugins.registry("commands")
        if cmd_name not in commands:
            return None
        found = commands.load(cmd_name)
        assert isinstance(found, click.Command)  # the registry has looked
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or say which are near."""
        commands = plugins.registry("commands")
        if args[0] not in commands and not ctx.resilient_parsing:
            try:
                commands.find(args[0])
            except UnknownPluginError as error:
                raise click.UsageError(str(error), ctx) from error
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command that was typed."""
        try:
            return super().invoke(ctx)
        except (LuthierError, StationError, OSError) as error:
            if ctx.params["debug"] or (isinstance(error, OSError) and reader_is_gone(error)):
                raise
            raise click.ClickException(_in_words(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List our own commands with what they do, and those of others with where they are from.

        Those of others are not imported for it: nobody's fault may cost the help.
        """
        entries = [plugins.registry("commands").find(name) for name in self.list_commands(ctx)]
        own = [entry for entry in entries if entry.distribution in FIRST_PARTY]
        others = [(entry.id, f"{entry.distribution} {entry.version}") for entry in entries if entry not in own]
        if own:
            limit = formatter.width - 6 - max(len(entry.id) for entry in own)
            with formatter.section("Commands"):
                formatter.write_dl([(entry.id, self._short_help(ctx, entry, limit)) for entry in own])
        if others:
            with formatter.section("Commands of other distributions"):
                formatter.write_dl(others)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command without importing any."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only for completion

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name) for name in names), *options]

    def _short_help(self, ctx: click.Context, entry: PluginEntry, limit: int) -> str:
        try:
            command = self.get_command(ctx, entry.id)
        except LuthierError as error:
            return f"(does not work: {error.what})"
        return command.get_short_help_str(limit) if command else ""


def _in_words(error: LuthierError | StationError | OSError) -> str:
    if isinstance(error, OSError) and not isinstance(error, LuthierError):
        what = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {what}." if error.filename else f"{what}."
    if isinstance(error, StationError):
        return error.message  # the text of a group ends in a count, which a person has no use for
    if isinstance(error, BrokenPluginError):
        return f"{error}\nluthier --debug shows the cause."
    return str(error)


def _misfit(found: object) -> str:
    return "" if isinstance(found, click.Command) else "is no click.Command"


plugins.expect("commands", _misfit)
