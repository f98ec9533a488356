"""`workbench completion`: the script that teaches a shell to complete our commands; click writes it."""

from __future__ import annotations

import click

HOW_TO = """\b
Examples:
  bash  eval "$(workbench completion bash)"          in ~/.bashrc
  zsh   eval "$(workbench completion zsh)"           in ~/.zshrc
  fish  workbench completion fish > ~/.config/fish/completions/workbench.fish
"""


@click.command(epilog=HOW_TO)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the shell completion script."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"This click cannot write a completion script for {shell}.")
    click.echo(script(ctx.find_root().command, {}, "workbench", "_WORKBENCH_COMPLETE").source())
