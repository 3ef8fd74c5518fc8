"""The impact report: a run assessed once, then told in any language, as a page or as a PDF."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from glasscity.jobs.executors import pool_of
from glasscity.jobs.machine import all_threads
from glasscity.jobs.plan import Plan
from glasscity.jobs.session import Watcher, silent, ticking
from glasscity.jobs.stored import Run
from glasscity.store.folder import ASSESSMENT, RUN, RunFolder, write_whole


def impact(run: Run, lang: str, as_pdf: bool, is_whole: bool, threads: int | None = None, progress: Watcher | None = None) -> Path:
    """Write a finished run's impact report; returns its path.

    What it needs beside the run (worlds of other luck; `is_whole`: safeguards and sensitivity too) is computed once and kept with it.
    """
    from glasscity.report import impact as report
    from glasscity.rules.language import language

    language(lang, report.TOPIC)  # tells what is wrong with it before anything is computed
    folder = RunFolder(run.out)
    with folder.claim():
        known = report.assessment_of(run.out)
        if known.get("digest") != run.digest or is_whole and not known.get("is_whole"):
            assess(run, folder, is_whole, threads or all_threads(), progress or silent)
        return report.build(run.out, lang, as_pdf)


def assess(run: Run, folder: RunFolder, is_whole: bool, threads: int, progress: Watcher) -> None:
    """Live through what the report needs, and keep it in the run's folder."""
    from glasscity.study import impact as study

    plan = Plan.stored(run.info, folder / RUN)
    tick = ticking(progress, study.work(plan.resolved, plan.citizens, plan.days, is_whole))
    with pool_of(threads) if is_whole else nullcontext() as pool:
        found: dict[str, Any] = study.assess(plan.resolved, plan.citizens, plan.days, plan.seed, threads, pool, tick)
    told = {"digest": run.digest, "is_whole": is_whole, **found}
    write_whole(folder / ASSESSMENT, [json.dumps(told, indent=1, default=str).encode()])

