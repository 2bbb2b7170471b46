"""Keys on the command line: `unikat keys create|list|revoke SITE`."""

from pathlib import Path
from typing import Annotated

import typer

from unikat.errors import UnikatError

SCOPES = "planner,floor,admin"
LONGEST_NAME = 120
keys_app = typer.Typer(
    help="Keys for planners, floor gateways and administrators.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")]


class UnknownKey(UnikatError):
    """No key has this name."""

    title = "Unknown key"
    status = 404


@keys_app.command()
def create(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scopes: Annotated[str, typer.Option(help="Comma-separated.")] = SCOPES,
) -> None:
    """Create a key and show it once."""
    from unikat.edge.main import attach_site
    from unikat.edge.store.keys import create_key

    wanted = scopes.replace(" ", "").split(",")
    unknown = set(wanted) - set(SCOPES.split(","))
    if unknown:
        raise typer.BadParameter(f"unknown scopes {', '.join(sorted(unknown))}; known: {SCOPES}")
    if not name.isprintable() or not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise typer.BadParameter(f"give a name of 1 to {LONGEST_NAME} printable letters")
    opened = attach_site(folder)
    typer.echo(create_key(opened.store.keys, name.strip(), wanted))
    opened.close()


@keys_app.command("list")
def show(folder: Folder) -> None:
    """List the keys: name, scopes, when made and last used; never the key itself."""
    from unikat.edge.main import attach_site
    from unikat.edge.show import print_table
    from unikat.edge.times import to_iso

    opened = attach_site(folder)
    file, keys = opened.models.file, opened.store.keys.list()
    opened.close()
    rows = [
        (
            f"{key.name}  ({', '.join(sorted(key.scopes))})",
            f"made {to_iso(key.created_at, file.epoch, file.zone)}, "
            + (
                f"used {to_iso(key.last_used, file.epoch, file.zone)}"
                if key.last_used is not None
                else "never used"
            ),
        )
        for key in keys
    ]
    print_table(f"Keys of {file.policy.name}", rows)


@keys_app.command()
def revoke(
    folder: Folder, name: Annotated[str, typer.Argument(help="The name `keys list` shows.")]
) -> None:
    """Revoke every key of a name, at once and for good."""
    from unikat.edge.main import attach_site

    opened = attach_site(folder)
    num_revoked = opened.store.keys.revoke(name)
    opened.close()
    if not num_revoked:
        raise UnknownKey(f"no key is named {name!r}; see unikat keys list {folder}")
    typer.echo(f"Revoked keys named {name}: {num_revoked}")
