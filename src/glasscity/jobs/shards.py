"""One run carried out by several ranks, each of which lives a shard of the world. Rank 0 alone writes the run's folder, but for
checkpoints, into which every rank writes its own part: the folder lies on a disk that all of them see."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from glasscity import columns as c
from glasscity.errors import Problem, Problems, TornFile
from glasscity.jobs.machine import free_memory
from glasscity.jobs.plan import Plan
from glasscity.jobs.ranks import Ranks
from glasscity.jobs.session import Options, Session, silent
from glasscity.jobs.stored import Run
from glasscity.store.folder import RUN, RunFolder

if TYPE_CHECKING:
    from glasscity.engine.city import City
    from glasscity.engine.shards import Shard


def carry_out(ranks: Ranks, options: Options, begin: Callable[[ExitStack], Session | RunFolder]) -> Run:
    """A run by all ranks. `begin`, called at rank 0, claims the folder until the end; a folder alone is a run that is done."""
    with ExitStack() as stack:
        path, info = ranks.led(lambda: told_of(begin(stack)))
        if info is None:
            return Run(path)
        plan = ranks.together(lambda: Plan.stored(info, path / RUN))
        told = replace(options, watcher=options.watcher if ranks.rank == 0 else silent)
        return ShardSession(plan, RunFolder(path), told, info, ranks=ranks).carry_out()


def told_of(begun: Session | RunFolder) -> tuple[Path, dict[str, Any] | None]:
    """A run's folder, and what run.json says of it if there is anything left to do."""
    return (begun.folder.path, begun.info) if isinstance(begun, Session) else (begun.path, None)


def check_memory(plan: Plan, ranks: Ranks) -> None:
    """InputError if the machines have not the memory for so many citizens: their state, and traits of districts that are shared."""
    from glasscity.engine.shards import cuts_of
    from glasscity.world.state import layout

    places = layout(plan.resolved.population, plan.citizens)
    first, last = cuts_of(places, ranks.size)[ranks.rank : ranks.rank + 2].tolist()
    shared = 2 * int(places.sizes.max()) * c.STATE[0].dtype().itemsize if last > first else 0
    needed = sum(ranks.beside((last - first) * c.PAGE * c.BYTES_PER_CITIZEN + shared))
    free = free_memory()
    if free is not None and needed > free:
        allowed = f"as many as fit into {free / 2**30:.1f} GiB of free memory on each machine (this many need {needed / 2**30:.1f} GiB)"
        raise Problems([Problem("--citizens", "citizens", str(plan.citizens), allowed)])


@dataclass
class ShardSession(Session):
    """One rank's work on one run."""

    ranks: Ranks = field(kw_only=True)

    def carry_out(self) -> Run:
        self.ranks.together(lambda: check_memory(self.plan, self.ranks))
        return super().carry_out()

    def write(self, status: str) -> None:
        self.info["shards"] = self.ranks.size
        if self.ranks.rank == 0:
            super().write(status)

    def compile(self) -> None:
        """Rank 0 first: the others find what it has compiled, if they share its home folder."""
        self.ranks.led(super().compile)
        super().compile()

    def new_city(self) -> Shard:
        from glasscity.engine.panel import PANEL
        from glasscity.engine.shards import Shard

        plan = self.plan
        return Shard(self.ranks, plan.resolved, plan.citizens, plan.days, plan.seed, self.options.threads, plan.watch, panel=PANEL)

    def found(self, city: City) -> tuple[int, dict[str, Any]] | None:
        """Day and arrays of the last checkpoint that all ranks can use."""
        from glasscity.store import checkpoint

        place, damage = self.folder.checkpoints, ""
        days = self.ranks.led(lambda: checkpoint.days_kept(place))
        for day in days:
            arrays, torn = None, ""
            try:
                arrays = checkpoint.read_part(place / checkpoint.name_of(day), day, self.checkpoint_identity, cast("Shard", city))
            except TornFile as error:
                torn = str(error)
            told = next(filter(None, self.ranks.everybody(torn)), "")
            if arrays is not None and not told:
                return day, arrays
            damage = damage or told
            if self.ranks.rank == 0:
                warnings.warn(f"{told}; this checkpoint is passed over", checkpoint.TornCheckpoint, stacklevel=2)
        return self.ranks.together(lambda: nothing_found(place, damage, self.info.get("checkpoint_day")))

    def agree(self, is_so: bool) -> bool:
        return self.ranks.any(is_so)

    def keep(self, city: City) -> None:
        """Every rank writes what it alone has, rank 0 what they have in common, and the whole takes its place."""
        from glasscity.store import checkpoint

        shard, day, identity = cast("Shard", city), city.day, self.checkpoint_identity
        unfinished = self.ranks.led(lambda: checkpoint.begin(self.folder.checkpoints, day))
        try:
            seal = self.ranks.together(lambda: write_shard(unfinished, shard, identity))
            shards = [{"pages": pages, "seal": seal} for pages, seal in self.ranks.everybody(([shard.pages.start, shard.pages.stop], seal))]
            shared = shard.shared()

            def close() -> None:
                checkpoint.write_folder(unfinished, day, shared, identity, **{checkpoint.SHARDS: shards})
                checkpoint.finish(unfinished, day)

            self.ranks.led(close)
        except BaseException:
            if self.ranks.rank == 0:
                shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def put_by(self, city: City) -> None:
        self.ranks.together(lambda: super(ShardSession, self).put_by(city))

    def finish(self, city: City) -> None:
        self.ranks.together(lambda: super(ShardSession, self).finish(city) if self.ranks.rank == 0 else self.closed(city))

    def complete(self) -> None:
        self.ranks.together(lambda: super(ShardSession, self).complete() if self.ranks.rank == 0 else None)

    def closed(self, city: City) -> str:
        from glasscity.store.results import sample

        shard = cast("Shard", city)
        digest = shard.digest()
        shard.tell(shard.layout.slots_of(sample(shard.layout.citizens)))
        self.info["exchange"] = {"bytes": self.summed(self.ranks.sent), "seconds": dict(self.ranks.waited)}
        return digest

    def summed(self, counter: Any) -> dict[str, int]:
        """Bytes handed over, by what for, over all ranks."""
        everybody = self.ranks.everybody(dict(counter))
        return {what: sum(one.get(what, 0) for one in everybody) for what in sorted(set().union(*everybody))}


def nothing_found(place: Path, damage: str, claimed: int | None) -> None:
    """Nothing to go on from; TornFile if there should be."""
    if damage:
        raise TornFile(f"{place}: no checkpoint can be used: {damage}")
    if claimed is not None:
        raise TornFile(f"{place}: the checkpoint of day {claimed} is missing")


def write_shard(checkpoint_folder: Path, shard: Shard, identity: dict[str, Any]) -> str:
    """Write one shard's own arrays; returns the seal of their manifest."""
    from glasscity.store import checkpoint
    from glasscity.store.folder import naming

    place = checkpoint_folder / checkpoint.shard_name(shard.exchange.rank)
    with naming(place):
        os.mkdir(place)
    return checkpoint.write_folder(place, shard.day, shard.snapshot(), identity)
