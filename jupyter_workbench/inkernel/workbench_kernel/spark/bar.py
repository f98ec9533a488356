"""How much Spark has done of what a cell asked for, as a text and as HTML; one quiet line at the end."""

from __future__ import annotations

from dataclasses import dataclass

_BAR = (
    '<div style="display: flex; align-items: center; gap: 0.6em; opacity: 0.85">'
    '<progress style="width: 12em" value="{done}" max="{total}"></progress><span>{text}</span></div>'
)
_LINE = '<span style="opacity: 0.6">{}</span>'


@dataclass(frozen=True)
class Counts:
    """Of the jobs of one cell. Jobs are all of them; stages and tasks those that were seen at work."""

    jobs: int = 0
    jobs_seen: int = 0
    stages: int = 0
    stages_done: int = 0
    tasks: int = 0
    done: int = 0
    active: int = 0
    failed: int = 0


def running(counts: Counts, seconds: float) -> str:
    """Say what goes on."""
    stages = "{} of {} done".format(counts.stages_done, _of(counts.stages, "stage"))
    tasks = "{} of {} done".format(counts.done, _of(counts.tasks, "task"))
    parts = [_of(counts.jobs, "job"), stages, tasks, "{} active".format(counts.active)]
    return "Spark: {}{}, {}".format(", ".join(parts), _failed(counts), elapsed(seconds))


def running_html(counts: Counts, seconds: float) -> str:
    """Show it."""
    return _BAR.format(done=counts.done, total=max(counts.tasks, 1), text=running(counts, seconds))


def ended(counts: Counts, seconds: float) -> str:
    """Say what it was: how many tasks only where no job was too short to be seen."""
    parts = [_of(counts.jobs, "job")]
    if counts.jobs == counts.jobs_seen:
        parts += [_of(counts.stages, "stage"), _of(counts.tasks, "task")]
        if counts.done < counts.tasks:
            parts.append("{} done".format(counts.done))
    return "Spark: {}{} in {}".format(", ".join(parts), _failed(counts), elapsed(seconds))


def ended_html(text: str) -> str:
    """Show it, quietly."""
    return _LINE.format(text)


def elapsed(seconds: float) -> str:
    """Return a time as people read it: 4 s, 2 min 5 s, 1 h 3 min."""
    whole = int(seconds)
    if whole < 60:
        return "{} s".format(whole)
    if whole < 3600:
        return "{} min {} s".format(*divmod(whole, 60))
    return "{} h {} min".format(*divmod(whole // 60, 60))


def _failed(counts: Counts) -> str:
    return ", {} failed".format(counts.failed) if counts.failed else ""


def _of(count: int, noun: str) -> str:
    return "{} {}{}".format(count, noun, "" if count == 1 else "s")
