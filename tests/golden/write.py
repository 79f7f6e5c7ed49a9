"""The golden files: what each dashboard of the example compiles to, and what is in the pictures of the page's tests.

`make golden` (python -m tests.golden.write) writes them, and what kbuild prints into docs/errors.md; neither is edited
by hand. A change shows in the diff: a line is a saved object with all that the dashboard refers to, or what is written
or drawn in a picture.
"""

from __future__ import annotations

from pathlib import Path

from kibana_builder.files.ndjson import write_ndjson
from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.saved.build import build
from tests import errors_page
from tests.golden.pictures import pictures
from tests.shared_material import REPOSITORY

FOLDER = Path(__file__).parent
DASHBOARDS = sorted((REPOSITORY / "dashboards").glob("*.yaml"))


def compiled(dashboard: Path) -> str:
    """Compile one dashboard of the example, as `kbuild build` does."""
    source = load_source(load_project(REPOSITORY / "kbuild.yaml"), [dashboard])
    return write_ndjson([built.object for built in build(source)])


def main() -> None:
    """Write every golden file anew and remove those whose dashboard is gone."""
    wanted = {FOLDER / f"{dashboard.stem}.ndjson": dashboard for dashboard in DASHBOARDS}
    for stale in set(FOLDER.glob("*.ndjson")) - set(wanted):
        stale.unlink()
    for path, dashboard in wanted.items():
        path.write_bytes(compiled(dashboard).encode("utf-8"))
    for name, structure in pictures():
        (FOLDER / f"{name}.picture.txt").write_text(structure, "utf-8")
    errors_page.update()


if __name__ == "__main__":
    main()
