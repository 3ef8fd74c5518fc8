"""The examples of studies can be carried out, and what the pages say of them is so."""

from __future__ import annotations

import re
import subprocess
from contextlib import nullcontext
from pathlib import Path

import polars as pl
import pytest
import typer
import workers
import yaml

from glasscity import cli, jobs
from glasscity.jobs import studies
from glasscity.study import calibrate, designs, plans
from glasscity.study.plans import Range
from glasscity.study.worlds import changed

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = sorted((DOCS / "studies").glob("*.toml"))
PAGE, CLUSTER = ((DOCS / name).read_text() for name in ("studies.md", "cluster.md"))


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The worked example, carried out."""
    with pytest.MonkeyPatch.context() as patch, workers.here() as worker:
        patch.setattr(studies, "staff_of", lambda *_: nullcontext(worker))
        return jobs.run_study(DOCS / "studies" / "friends-and-review.toml", out=tmp_path_factory.mktemp("example") / "out")


def test_worked_example__comes_out_as_the_page_says(example):
    means = example.results.group_by("articles.friends.value", "articles.review.enabled", "metric", maintain_order=True).agg(pl.col("value").mean())
    found = means.pivot("metric", index=["articles.friends.value", "articles.review.enabled"], values="value")
    told = [
        f"| {friends:g} | {'on' if review else 'off'} | {100 * ever:.2f} % | {100 * wrongful:.2f} % | {points:,.0f} |"
        for friends, review, ever, wrongful, points in found.iter_rows()
    ]
    assert [line for line in PAGE.splitlines() if re.match(r"\| [\d.]+ \| (on|off)", line)] == told
    assert example.failed == 0 and (example.out / "report.html").is_file()


@pytest.mark.parametrize("file", ["friends-and-review", "fit-london"])
def test_page__shows_an_example_as_it_is_in_its_file(file):
    text = (DOCS / "studies" / f"{file}.toml").read_text()
    shown = next(block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.S) if f'scenario = "{re.search("scenario = .(.+?).$", text, re.M)[1]}"' in block)
    assert [line for line in text.splitlines() if line and not line.startswith(("#", "title"))] == [
        line for line in shown.splitlines() if line and not line.startswith("title")
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=[file.stem for file in EXAMPLES])
def test_example__has_worlds_at_both_ends_of_every_path(file):
    is_search = "[goal]" in file.read_text()
    told = calibrate.read(file) if is_search else plans.read(file)
    scheme = studies.scheme_of(told, file)
    for path, range_ in told.vary.items():
        for value in range_ if isinstance(range_, list) else (range_.low, range_.high):
            changed(scheme, {path: value})
    if isinstance(told, calibrate.Fit):
        calibrate.refuse_people(told, scheme, str(file))
    else:
        assert designs.design(told).points


def test_page__tells_every_key_of_a_study_and_of_a_search():
    for model in (plans.Study, calibrate.Fit, calibrate.Goal, Range):
        for field in model.model_fields:
            assert re.search(rf"`[^`\n]*\b{field}\b[^`\n]*`|^\| `\[{field}\]`", PAGE, re.M), field


def parsed(words: list[str]) -> dict:
    """A command line as Glass City reads it, not carried out."""
    command = typer.main.get_command(cli.app).commands[words[1]]  # type: ignore[attr-defined]
    return command.make_context(words[1], [re.sub(r'^"|"$', "", word) for word in words[2:]]).params


def test_slurm_scripts__are_bash_and_their_studies_are_command_lines(tmp_path):
    scripts = re.findall(r"```bash\n(.*?)```", CLUSTER, re.S)
    assert len(scripts) == 3
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    for script in scripts[:2]:
        told = parsed(words_of(script, "study"))
        assert told["resume"] is True and re.match(r"mpi$|dask://", told["executor"])
    told = parsed(words_of(scripts[2], "run"))
    assert (told["scenario"], told["citizens"], told["seed"], told["checkpoint_every"]) == ("china", "all", 1, 300)


def words_of(script: str, command: str) -> list[str]:
    """The line of a script that calls a command of Glass City, as words."""
    line = next(line for line in script.splitlines() if f"glasscity {command}" in line)
    return re.findall(r'"[^"]*"|\S+', line[line.index(f"glasscity {command}") :])


def test_manifest__is_yaml_and_its_commands_are_command_lines():
    documents = list(yaml.safe_load_all(re.search(r"```yaml\n(.*?)```", CLUSTER, re.S)[1]))
    assert [d["kind"] for d in documents] == ["Deployment", "Service", "Deployment", "PersistentVolumeClaim", "Job"]
    commands = {d["metadata"]["name"]: d["spec"]["template"]["spec"]["containers"][0]["command"] for d in documents if "template" in d["spec"]}
    port = documents[1]["spec"]["ports"][0]["port"]
    assert parsed(commands["study"])["executor"] == f"dask://dask-scheduler:{port}"
    assert commands["dask-worker"][2] == f"tcp://dask-scheduler:{port}" and commands["dask-scheduler"][3] == str(port)
    from distributed.cli.dask_scheduler import main as scheduler
    from distributed.cli.dask_worker import main as worker

    assert scheduler.make_context("scheduler", commands["dask-scheduler"][2:]).params["dashboard"] is False
    assert worker.make_context("worker", commands["dask-worker"][2:]).params["nthreads"] == 1
