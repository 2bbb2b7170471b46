"""AASX packages: an AAS environment as JSON in a zip file with relationships, read and written.

Open Packaging Conventions (ECMA-376, part 2) as IDTA 01005-3-0 uses them: the root points to the
origin, the origin to the environment. The same environment gives the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from unikat.edge.json import Json
from unikat.errors import Fault, InvalidLog

Environment = Mapping[str, Json]
AASX = "http://admin-shell.io/aasx/relationships"
OPC = "http://schemas.openxmlformats.org/package/2006"
ORIGIN, SPEC = "aasx/aasx-origin", "aasx/environment.aas.json"
LONGEST = 200_000_000
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TYPES = (
    f'{HEAD}<Types xmlns="{OPC}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="json" ContentType="application/asset-administration-shell+json"/>'
    f'<Override PartName="/{ORIGIN}" ContentType="text/plain"/></Types>\n'
)


def write_aasx(environment: Environment) -> bytes:
    """Return the package of an environment."""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": _relationship("aasx-origin", ORIGIN),
        ORIGIN: "Intentionally empty.",
        "aasx/_rels/aasx-origin.rels": _relationship("aas-spec", SPEC),
        SPEC: json.dumps(environment, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, text.encode())
    return file.getvalue()


def read_aasx(content: bytes) -> Environment:
    """Return the environment of a package: of several JSON parts, all they hold together.

    Raises
    ------
    InvalidLog
        If it is no AASX package, holds XML only, or is longer than 200 MB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = [name for origin in _targets(package, "", "aasx-origin")
                     for name in _targets(package, origin, "aas-spec")]  # fmt: skip
            if not (found := [name for name in names if name.endswith(".json")]):
                shown = ", ".join(name[:60] for name in names) or "nothing"
                raise _invalid(f"its origin points to {shown}", "Save it with JSON inside")
            return _joined([json.loads(_read(package, name)) for name in found])
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ParseError) as error:
        raise _invalid(f"is no package: {error}", "Give an .aasx file") from error
    except (ValueError, RecursionError, DefusedXmlException) as error:
        raise _invalid(f"cannot be read: {str(error)[:100]}", "Give an .aasx file") from error


def _joined(environments: list[Json]) -> Environment:
    joined: dict[str, list[Json]] = {}
    for environment in environments:
        if not isinstance(environment, Mapping):
            raise _invalid("holds no environment", "Give an AAS environment as JSON")
        for name, values in environment.items():
            if isinstance(values, list):
                joined.setdefault(name, []).extend(values)
    return dict(joined)


def _targets(package: zipfile.ZipFile, source: str, kind: str) -> Iterator[str]:
    """Yield the parts a part points to by one kind of relationship, "" being the root."""
    folder, _, name = source.rpartition("/")
    below = f"{folder}/" if folder else ""
    for each in fromstring(_read(package, f"{below}_rels/{name}.rels"), forbid_dtd=True):
        if each.get("Type", "").rstrip("/").rpartition("/")[2] == kind:
            target = each.get("Target", "")
            yield target.lstrip("/") if target.startswith("/") else below + target


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > LONGEST:
        raise _invalid(f"{name[:60]} has more than {LONGEST:,} bytes", "Split the package")
    return package.read(name)


def _relationship(kind: str, target: str) -> str:
    return (
        f'{HEAD}<Relationships xmlns="{OPC}/relationships">'
        f'<Relationship Id="r1" Type="{AASX}/{kind}" Target="/{target}"/></Relationships>\n'
    )


def _invalid(message: str, remedy: str) -> InvalidLog:
    return InvalidLog([Fault("aasx", 0, 0, "", message, remedy)])
