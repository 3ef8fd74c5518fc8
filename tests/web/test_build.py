"""The page that is shipped in the package is the one that its sources build, to the byte, and its types are right."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "glasscity" / "web" / "page"


def test_build__of_the_sources_is_the_shipped_page(tmp_path):
    assert shutil.which("npm"), "the page is built with Node, which is not there: install it (Debian: apt install nodejs npm)"
    copy, built = tmp_path / "page", tmp_path / "src" / "glasscity" / "web" / "page"
    shutil.copytree(ROOT / "page", copy, ignore=shutil.ignore_patterns("node_modules"))
    for line in (["npm", "ci", "--no-audit", "--no-fund", "--silent"], ["npm", "run", "--silent", "check"], ["npm", "run", "--silent", "build"]):
        done = subprocess.run(line, cwd=copy, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(line)}: {done.stdout[-2000:]}"
    names = {path.relative_to(built) for path in built.rglob("*") if path.is_file()}
    assert names == {path.relative_to(SHIPPED) for path in SHIPPED.rglob("*") if path.is_file()}
    differing = [str(name) for name in sorted(names) if (built / name).read_bytes() != (SHIPPED / name).read_bytes()]
    assert not differing, f"{differing} are not what the sources build; build them anew: make page"
