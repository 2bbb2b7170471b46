"""Site folders: the examples that come with Unikat, and a fresh copy of one."""

import shutil
from pathlib import Path

from unikat.errors import Fault, InvalidSite

NOT_COPIED = shutil.ignore_patterns("*.db*", "__pycache__", ".demo")


def examples_folder() -> Path:
    """Return where the examples lie: beside the sources, or inside an installed package."""
    here = Path(__file__).resolve()
    inside = here.parents[1] / "examples"
    return inside if inside.is_dir() else here.parents[3] / "examples"


def example_names() -> tuple[str, ...]:
    """Return the names of the example sites."""
    return tuple(sorted(p.parent.name for p in examples_folder().glob("*/site.toml")))


def example_folder(name: str) -> Path:
    """Return where a site to begin with lies: an example by name, or any site's folder.

    Raises
    ------
    InvalidSite
        If there is neither.
    """
    if name in example_names():
        return examples_folder() / name
    if (Path(name) / "site.toml").is_file():
        return Path(name).resolve()
    remedy = f"Known: {', '.join(example_names())}; or a folder with site.toml"
    raise InvalidSite([Fault(name, 0, 0, "", "there is no such example", remedy)])


def copy_example(name: str, folder: Path) -> None:
    """Copy an example site into a folder that does not hold a site yet.

    Raises
    ------
    InvalidSite
        If there is no such example, or the folder is not empty, or is a file.
    """
    source = example_folder(name)
    remedy = "Take another folder, or empty this one"
    if folder.exists() and not folder.is_dir():
        raise InvalidSite([Fault(str(folder), 0, 0, "", "there is a file of this name", remedy)])
    if folder.exists() and any(folder.iterdir()):
        raise InvalidSite([Fault(str(folder), 0, 0, "", "the folder is not empty", remedy)])
    shutil.copytree(source, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
