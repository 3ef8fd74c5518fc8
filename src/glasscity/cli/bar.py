"""How far a long command has come, on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glasscity.jobs import Progress


class shown_progress:
    """A progress bar on stderr; in a file or a pipe, a line for each phase."""

    def __enter__(self) -> Any:
        from rich.console import Console

        self.console = Console(stderr=True)
        self.bar: Any = None
        self.said = ""
        return self.on_screen if self.console.is_terminal else self.in_lines

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def in_lines(self, progress: Progress) -> None:
        text = progress.message or progress.phase
        if text != self.said:
            self.said = text
            print(text if progress.message else f"living {progress.days} days", file=sys.stderr, flush=True)

    def on_screen(self, progress: Progress) -> None:
        done = progress.day * progress.citizens
        text = progress.message or f"{progress.today:%d %B %Y}"
        if self.bar is None:
            self.bar, self.task = day_bar(self.console, progress, text)
        self.bar.update(self.task, completed=done, total=progress.days * progress.citizens, description=text)


def day_bar(console: Any, progress: Progress, text: str) -> tuple[Any, Any]:
    """The bar: simulated date, share done, citizens x days a second, time left."""
    from rich.progress import BarColumn, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            told = f"{task.speed / 1e6:,.1f} million citizens x days/s" if task.speed else ""
            return Text(told, style="progress.data.speed")

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Rate(), TimeRemainingColumn()
    bar = Bar(*columns, console=console, transient=True, speed_estimate_period=5)
    task = bar.add_task(text, total=progress.days * progress.citizens)
    bar.start()
    return bar, task
