"""What a server keeps in its folder: runs and twins with their reports, and own schemes. A name never leads out of it."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from glasscity.errors import GlassCityError, InputError, Problem, Problems
from glasscity.jobs import proposals
from glasscity.jobs.machine import free_memory
from glasscity.rules import load
from glasscity.rules.model import Catalogue, Population, Rulebook, Scenario
from glasscity.rules.resolve import Resolved, resolve
from glasscity.store.folder import RUN, TWIN, remove_folder, write_whole

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")
OWN = re.compile(r"^own-[0-9a-f]{12}$")
MOST_OWN = 100
LARGEST_UPLOAD = 512 * 1024
SCHEME = "scheme.toml"
KINDS: dict[str, type[BaseModel]] = {"rulebook": Rulebook, "catalogue": Catalogue, "population": Population}
PAGES = re.compile(r"^(report|impact)(\.(de|nl|en))?\.(html|pdf)$|^report-(en|de|nl)\.(html|pdf)$")


class Shelf:
    """The folder of a server."""

    def __init__(self, folder: Path, most_citizens: int | None = None):
        self.folder = folder
        self.schemes = folder / "schemes"
        self.most_citizens = most_citizens or (free_memory() or 8 << 30) // 64

    # --- runs and twins ---

    def stored(self) -> list[dict[str, Any]]:
        """Runs and twins that lie here, the newest first: id, kind, scenario, citizens, days, seed, when, command."""
        found = []
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            with suppress(OSError, ValueError, KeyError, TypeError):
                if not NAME.match(path.name) or path.is_symlink():
                    continue
                kind = RUN if (path / RUN).is_file() else TWIN
                info = json.loads((path / kind).read_bytes())
                told = {key: info.get(key) for key in ("scenario", "citizens", "days", "seed", "command", "status", "digest", "change", "overlay")}
                found.append({"id": path.name, "kind": "run" if kind == RUN else "twin", "when": (path / kind).stat().st_mtime, **told})
        return sorted(found, key=lambda one: -one["when"])

    def place(self, name: str) -> Path:
        """The folder of a run or twin; InputError if there is none of that name."""
        path = self.folder / name
        if not NAME.match(name) or path.is_symlink() or not ((path / RUN).is_file() or (path / TWIN).is_file()):
            raise InputError("there is no such run")
        return path

    def page(self, name: str, file: str) -> Path:
        """A report in the folder of a run or twin; InputError if there is none."""
        path = self.place(name) / file
        if not PAGES.match(file) or path.is_symlink() or not path.is_file():
            raise InputError("there is no such report")
        return path

    def free(self, stem: str) -> Path:
        """A folder that is not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{re.sub('[^a-z0-9-]', '', stem)[:40]}-{secrets.token_hex(4)}"

    # --- own schemes ---

    def scenario(self, name: str) -> str:
        """What to resolve for a name that a browser gave: a built-in scenario, or an own scheme's file. Problems otherwise."""
        if name in load.built_in_names(Scenario):
            return name
        path = self.schemes / name / SCHEME
        if OWN.match(name) and path.is_file():
            return str(path)
        raise Problems([Problem("page", "scenario", load.shown(name), ", ".join(load.built_in_names(Scenario)))])

    def name_of(self, scenario: str) -> str:
        """The name under which a browser knows a scenario."""
        path = Path(scenario)
        return path.parent.name if path.name == SCHEME and path.parent.parent == self.schemes else scenario

    def own(self) -> list[dict[str, Any]]:
        """Own schemes: id and names."""
        found = []
        for path in sorted(self.schemes.glob(f"own-*/{SCHEME}")):
            with suppress(OSError, ValueError, KeyError):
                found.append({"id": path.parent.name, "name": tomllib.loads(path.read_text())["name"]})
        return found

    def answered(self, answers: dict[str, Any]) -> str:
        """Keep the scheme that answers describe; its id. Problems with everything that is wrong."""
        with self.begun() as path:
            proposals.propose(path / SCHEME, answers)
        return path.name

    def uploaded(self, text: str) -> str:
        """Keep an uploaded scenario or rulebook; its id. Problems with everything that is wrong, as of `check`."""
        if len(text.encode()) > LARGEST_UPLOAD:
            raise Problems([Problem("upload", "(file)", f"{len(text)} characters", f"at most {LARGEST_UPLOAD} bytes")])
        with self.begun() as path:
            given = path / "upload.toml"
            write_whole(given, [text.encode()])
            try:
                self.put(path, load.read_toml(given), text)
                resolve(str(path / SCHEME))
            except Problems as error:
                raise Problems([Problem(named(p.file, path), p.path, p.found, p.allowed) for p in error.problems]) from None
            finally:
                given.unlink(missing_ok=True)
        return path.name

    def put(self, path: Path, data: dict[str, Any], text: str) -> None:
        """Lay an upload out as a scenario with its rulebook."""
        if "rulebook" in data:
            problems = [
                Problem("upload", kind, load.shown(data[kind]), f"a built-in name: {', '.join(load.built_in_names(model))}")
                for kind, model in KINDS.items()
                if kind in data and data[kind] not in load.built_in_names(model)
            ]
            if problems:
                raise Problems(problems)
            write_whole(path / SCHEME, [text.encode()])
            return
        rulebook = load.validate(Rulebook, data, "upload")
        write_whole(path / "rulebook.toml", [text.encode()])
        scheme = scenario_of(rulebook)
        write_whole(path / SCHEME, [proposals.tomlkit.dumps(scheme).encode()])

    def begun(self) -> Begun:
        """A new folder for a scheme, which goes again if anything goes wrong."""
        if sum(1 for _ in self.schemes.glob("own-*")) >= MOST_OWN:
            raise InputError(f"{MOST_OWN} own schemes are kept already; remove one first")
        return Begun(self.schemes / f"own-{secrets.token_hex(6)}")

    def remove_scheme(self, name: str) -> None:
        """Let an own scheme go."""
        self.scenario(name)
        if not OWN.match(name):
            raise InputError("a built-in scenario stays")
        remove_folder(self.schemes / name)

    def text(self, name: str) -> str:
        """The documents of an own scheme as text."""
        place = Path(self.scenario(name)).parent
        return "\n".join(f"# {path.name}\n{path.read_text()}" for path in sorted(place.glob("*.toml")))


class Begun:
    """A folder that is there when all went well, and not otherwise."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> Path:
        try:
            self.path.mkdir(parents=True)
        except OSError as error:
            raise InputError(f"the scheme cannot be kept: {error.strerror}") from None
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            with suppress(GlassCityError):
                remove_folder(self.path)


def scenario_of(rulebook: Rulebook) -> dict[str, Any]:
    """A plain scenario over an uploaded rulebook: the standard one's, with the rulebook in place of its own."""
    standard: Resolved = resolve("beijing-2020")
    scenario = dict(standard.documents["scenario"])
    return {
        **scenario, "id": rulebook.id, "name": rulebook.name.model_dump(), "summary": rulebook.name.model_dump(), "rulebook": "rulebook.toml",
        "set": {},
    }  # fmt: skip


def named(file: str, path: Path) -> str:
    """A file's name as whoever sent it knows it."""
    return "upload" if Path(file).parent == path else Path(file).name
