"""The command line: arguments in, `jobs` at work, words and figures out."""

from __future__ import annotations

import json
import os
import sys
import warnings
from itertools import pairwise
from typing import Annotated, Any

import typer

from glasscity.cli import studies, twins
from glasscity.cli.bar import shown_progress
from glasscity.cli.shown import (
    show,
    show_in_full,
    show_in_words,
    show_lives,
    show_robustness,
    show_table,
    show_verdicts,
)
from glasscity.errors import GlassCityError, Problem, Problems

ABOUT = """Glass City: life under a social-scoring scheme, simulated over synthetic citizens only.

It measures what a scheme does to people: who is sanctioned for what somebody else did, which groups
are hit harder, what is no longer said. Begin with: glasscity run beijing-2020

What it refuses to be: it takes no record about a real person. Citizens are drawn from aggregate
figures; there is no camera, face, voice or gait in it, and no search for more obedience.
"""
UNEXPECTED = 70  # exit code of an error that is ours
REPORTING = "this is an error of Glass City's; please report it with the output of"

app = typer.Typer(
    name="glasscity", help=ABOUT, rich_markup_mode=None, add_completion=False, no_args_is_help=True,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

Folder = Annotated[str, typer.Argument(metavar="DIR", help="The folder of a run.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="A file.")]
Threads = Annotated[int | None, typer.Option(help="Threads (default: all processors). Results do not depend on it.")]
Device = Annotated[str, typer.Option(metavar="cpu|cuda", help="What to run on; cuda needs the extra gpu. Results do not depend on it.")]
SameDevice = Annotated[str | None, typer.Option("--device", metavar="cpu|cuda", help="What to run on (default: as before).")]
CheckpointEvery = Annotated[float, typer.Option(metavar="SECONDS", help="Time between checkpoints; 0 is after every day.")]
Changes = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value by dotted path, e.g. articles.friends.value=0. May be repeated.")]  # fmt: skip
NoReport = Annotated[bool, typer.Option("--no-report", help="Leave out report.html.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object alone on stdout.")]


def show_version(is_asked: bool) -> None:
    """Print the version and leave."""
    if is_asked:
        from glasscity import __version__

        print(f"glasscity {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=show_version, help="Print the version and leave.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
) -> None:  # fmt: skip
    pass  # both are dealt with elsewhere: `show_version`, `explained`


@app.command(no_args_is_help=True)
def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A built-in name (see `scenarios`) or a file.")],
    citizens: Annotated[str | None, typer.Option(metavar="N|all", help="How many synthetic citizens; 'all': every resident.")] = None,
    days: Annotated[int | None, typer.Option(help="Days to simulate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all draws: the same seed, the same bits.")] = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Worlds, each with a seed of its own: the first is kept, all of them give intervals.")] = 1,
    threads: Threads = None,
    changes: Changes = None,
    population: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Another population than the scenario's.")] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder for the results (default: a new one under runs/).")] = None,
    watch: Annotated[str, typer.Option(metavar="ID,ID", help="Numbers of synthetic citizens whose every event is written down.")] = "",
    checkpoint_every: CheckpointEvery = 30.0,
    no_report: NoReport = False,
    device: Device = "cpu",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Simulate a scenario; leaves results and a report.

    Citizens are synthetic, drawn from aggregate figures. Nothing about a real person can be put in.
    """
    from glasscity import jobs
    from glasscity.jobs.ranks import one_world
    from glasscity.rules.overlay import parse

    overlay, numbers, size = parse(changes or []), numbers_of(watch), size_of(citizens)
    with one_world() as ranks, shown_progress() as progress:
        done = jobs.run(
            scenario, size, days, seed, threads, overlay, out, numbers, progress, checkpoint_every, not no_report, population, ranks, device, seeds
        )
    if ranks is None or ranks.rank == 0:
        show(done, as_json)


@app.command(no_args_is_help=True)
def resume(
    folder: Folder,
    threads: Threads = None,
    checkpoint_every: CheckpointEvery = 30.0,
    no_report: NoReport = False,
    device: SameDevice = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that was stopped or killed."""
    from glasscity import jobs
    from glasscity.jobs.ranks import one_world

    with one_world() as ranks, shown_progress() as progress:
        done = jobs.resume(folder, threads, progress, checkpoint_every, not no_report, ranks, device)
    if ranks is None or ranks.rank == 0:
        show(done, as_json)


@app.command(no_args_is_help=True)
def verify(folder: Folder, threads: Threads = None, device: Device = "cpu") -> None:
    """Repeat a run and compare; exit code 1 if it differs."""
    from glasscity import jobs

    with shown_progress() as progress:
        digest = jobs.verify(folder, threads, progress, device)
    print(f"the same, bit for bit: {digest}")


@app.command()
def scenarios(as_json: Json = False) -> None:
    """List the built-in scenarios."""
    from glasscity import jobs

    found = jobs.scenarios()
    if as_json:
        print(json.dumps({"scenarios": found}))
        return
    for scenario in found:
        print(f"{scenario['id']}  {scenario['name']}")
        print(f"  {scenario['summary']}")
        print(f"  {scenario['articles']} articles, {scenario['residents']:,} residents, {scenario['days']} days from {scenario['start']}")


@app.command(no_args_is_help=True)
def describe(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A built-in name (see `scenarios`) or a file.")],
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language.")] = "en",
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Tell a scheme in plain words, article by article."""
    from glasscity import jobs
    from glasscity.rules.overlay import parse

    found = jobs.describe(scenario, lang, parse(changes or []))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        show_in_words(found)


@app.command()
def sources(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids, or letters of parts, told in full: S3 P1, or S.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """What the five articles describe, and what models it.

    For each of it: where the articles say it, the rulebooks' articles and the functions that model it, the
    scenarios that have it, the metrics in which its effect shows, and the tests.
    """
    from glasscity import jobs

    found = jobs.sources(ids or ())
    if as_json:
        print(json.dumps(found))
        return
    show_in_full(found) if ids else show_table(found)
    print(f"{found['modelled']} of {found['total']} are modelled. One in full: glasscity sources S3")


@app.command()
def validate(
    scenario: Annotated[str | None, typer.Argument(metavar="[SCENARIO]", help="A scenario with published figures (default: all).")] = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Runs, with seeds 1 to K.")] = 3,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Hold runs against published figures.

    A table: what was published and by whom, what the runs say, whether that agrees, and whether a parameter was
    fitted to it. A figure that does not fit stays in it.
    """
    from glasscity import jobs

    with shown_progress() as progress:
        verdicts = jobs.validate(scenario, seeds, threads, progress)
    if as_json:
        inside = sum(verdict.is_inside for verdict in verdicts)
        totals = {"seeds": seeds, "inside": inside, "outside": len(verdicts) - inside}
        print(json.dumps(totals | {"figures": [verdict.plain for verdict in verdicts]}))
        return
    show_verdicts(verdicts, seeds)


@app.command(no_args_is_help=True)
def robustness(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A built-in name or a file.")],
    citizens: Annotated[int, typer.Option(metavar="N", help="Citizens of each world.")] = 20_000,
    days: Annotated[int, typer.Option(help="Days of each world.")] = 180,
    seed: Annotated[int, typer.Option(help="Seed of all worlds.")] = 1,
    most: Annotated[int, typer.Option(help="Rows shown for each headline.")] = 5,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Halve and double every assumed number in turn.

    Tells which headlines rest on which guess, and by how much.
    """
    from glasscity import jobs

    with shown_progress() as progress:
        table = jobs.robustness(scenario, citizens, days, seed, threads, progress)
    if as_json:
        print(json.dumps(table.plain))
        return
    show_robustness(table, most)


@app.command(no_args_is_help=True)
def check(file: File) -> None:
    """Check a document; tells all errors at once.

    A scenario, rulebook, population, catalogue or file of worked cases: it is recognised by its keys.
    """
    from glasscity import jobs

    found = jobs.check(file)
    what = "file of cases" if found.kind == "cases" else found.kind
    print(f"{file}: a {what} without errors ({found.holds})")


@app.command()
def schema(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="scenario, rulebook, population or catalogue.")] = None,
) -> None:  # fmt: skip
    """Print the JSON Schema of a kind of document."""
    from glasscity import jobs

    print(json.dumps(jobs.schema(kind), indent=1))


@app.command(no_args_is_help=True)
def new(
    file: File,
    from_questions: Annotated[bool, typer.Option("--from-questions", help="Ask about a proposed scheme and write its rulebook too.")] = False,
    answers: Annotated[str | None, typer.Option(metavar="FILE", help="Answers from a file; with --from-questions the rest is asked.")] = None,
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language of the questions.")] = "en",
) -> None:  # fmt: skip
    """Write a commented scenario to start from."""
    from pathlib import Path

    from glasscity import jobs

    if from_questions or answers:
        from glasscity.cli.asking import ask
        from glasscity.jobs import proposals

        known = proposals.read_answers(answers, is_whole=False) if answers and from_questions else {}
        given = ask(lang, Path(file).with_suffix(".answers.toml"), known) if from_questions else proposals.read_answers(str(answers))
        paths = proposals.propose(file, given)
        print("\n".join(map(str, paths)), proposals.next_steps(paths, lang), sep="\n\n")
        return
    path = jobs.new(file)
    print(f"{path} is written; change it, then: glasscity check {path}")


@app.command(no_args_is_help=True)
def report(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a run, a study or twin worlds.")],
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language of the report.")] = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="As a tagged PDF instead of a page.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out safeguards and sensitivity, which take a minute the first time.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Draw the run's page of figures anew instead.")] = False,
    threads: Threads = None,
) -> None:
    """Write the report of a run, a study or twin worlds."""
    from glasscity import jobs

    with shown_progress() as progress:
        path = jobs.report(folder, lang, pdf, quick, figures, threads, progress)
    print(path)


@app.command(no_args_is_help=True)
def dossier(
    folder: Folder,
    citizen: Annotated[int, typer.Argument(metavar="CITIZEN", help="The number of a synthetic citizen.")],
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language of the page.")] = "en",
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Where the page goes (default: dossier-CITIZEN-LANG.html in DIR).")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """One synthetic citizen's file, beside what really happened.

    By replay of a finished run. With --json the page is written only if --out says where.
    """
    from glasscity import jobs
    from glasscity.rules.language import language

    language(lang)  # before the work
    with shown_progress() as progress:
        found = jobs.dossier(folder, citizen, threads, progress)
    path = found.save(out or os.path.join(folder, f"dossier-{citizen}-{lang}.html"), lang) if out or not as_json else None
    print(json.dumps(found.plain, ensure_ascii=False) if as_json else path)


@app.command(no_args_is_help=True)
def find(
    folder: Folder,
    story: Annotated[str | None, typer.Option(metavar="NAME", help="One story alone: wrongly_accused, trap, by_association, never_notified, journalist.")] = None,
    most: Annotated[int, typer.Option(metavar="N", help="Lives of each story.")] = 1,
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language.")] = "en",
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Find lives in a finished run that show something."""
    from glasscity import jobs

    with shown_progress() as progress:
        found = jobs.find(folder, story, most, threads, progress)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        show_lives(found, lang)


@app.command()
def serve(
    folder: Annotated[str, typer.Option("--dir", metavar="DIR", help="Where worlds, runs and own schemes are kept.")] = "runs",
    port: Annotated[int, typer.Option(help="Port; 0 is any that is free.")] = 8765,
    for_class: Annotated[bool, typer.Option("--class", help="Open the page to the local network, with a token, an address and a QR code.")] = False,
    host: Annotated[str | None, typer.Option(metavar="NAME", help="With --class: the name or address under which the class reaches this machine.")] = None,
    opened: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:  # fmt: skip
    """Open the page: see a city, move a lever, meet a citizen.

    On this machine alone, unless --class is given. Citizens are synthetic; nothing about a real person can be put in.
    """
    from pathlib import Path

    from glasscity.web.serve import serve as opened_page

    opened_page(Path(folder), port, for_class, host, opened)


@app.command()
def warmup() -> None:
    """Compile the kernels ahead of the first run."""
    from glasscity import jobs

    with shown_progress() as progress:
        was_needed = jobs.warmup(progress)
    print("the kernels are compiled" if was_needed else "the kernels were compiled already")


for command in (twins.compare, twins.attribute, twins.safeguards, twins.cascade, twins.sweep, studies.study, studies.sensitivity, studies.calibrate):
    app.command(no_args_is_help=True)(command)


# --- words in --------------------------------------------------------------------------------------


def size_of(citizens: str | None) -> Any:
    """The value of --citizens: None, 'all', or a number; left as text if it is none of these."""
    if citizens is None or citizens == "all":
        return citizens
    return int(citizens) if citizens.isdecimal() and len(citizens) < 20 else citizens


def numbers_of(watch: str) -> list[int]:
    """The value of --watch."""
    words = [word.strip() for word in watch.split(",")] if watch else []
    wrong = [word for word in words if not (word.isdecimal() and len(word) < 20)]
    if wrong:
        raise Problems([Problem("--watch", "watch", ascii(wrong[0])[:80], "numbers of citizens, with commas between")])
    return [int(word) for word in words]


# --- the way in and the way out --------------------------------------------------------------------


def warn(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as one line."""
    print(f"warning: {message}", file=sys.stderr)


def perform(arguments: list[str] | None = None) -> int:
    """Carry out a command line; returns the exit code. No error ever ends in a traceback, unless asked for."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with warnings.catch_warnings():
            warnings.showwarning = warn
            code = app(args=given, standalone_mode=False) or 0
        sys.stdout.flush()  # here, and not on leaving, is where a reader who has left can be met
        return code
    except GlassCityError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return explained(error, given)


def explained(error: Exception, given: list[str]) -> int:
    """What to say of an error of the command line, or of one of ours."""
    if hasattr(error, "show") and hasattr(error, "exit_code"):  # typer's own: a wrong option, a missing argument
        wrong = misread(error, given)
        print(wrong, file=sys.stderr) if wrong else error.show()
        return int(error.exit_code)
    if given[:1] == ["--debug"]:
        import traceback

        traceback.print_exception(error)
    again = " ".join(["glasscity", "--debug", *given])
    print(f"{type(error).__name__}: {error}; {REPORTING}: {again}", file=sys.stderr)
    return UNEXPECTED


def misread(error: Exception, given: list[str]) -> Problem | None:
    """The value of an option that is no number, as a problem that names it; None if the error is another."""
    names = getattr(getattr(error, "param", None), "opts", [])
    words = [part for word in given for part in (word.split("=", 1) if word.startswith("--") else [word])]
    found = [value for name, value in pairwise(words) if name in names]
    if not found or not str(error).startswith("Input should be"):
        return None
    return Problem(names[0], names[0].lstrip("-"), ascii(found[-1])[:80], "a whole number" if "integer" in str(error) else "a number")


def main() -> None:
    """The program `glasscity`."""
    sys.exit(perform())


if __name__ == "__main__":
    main()
