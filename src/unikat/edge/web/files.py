"""Serve our static files and the browser libraries: versioned by content, compressed, cached for
ever.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from unikat.edge.web.problems import NotFound

HERE = Path(__file__).parent
FOR_EVER = "public, max-age=31536000, immutable"
SMALL = 600
NAME = re.compile(r"\w[\w./-]{0,200}", re.ASCII)
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Files:
    """The two folders that are served, and the version in their addresses (a hash of what they
    hold).
    """

    static: Path
    lib: Path
    version: str
    root_path: str

    def address(self, name: str) -> str:
        """Return the address of one of our static files."""
        return f"{self.root_path}/static/{self.version}/{name}"

    @property
    def import_map(self) -> str:
        """The import map of the browser libraries, as it stands in every page."""
        lib = f"{self.root_path}/lib/{self.version}"
        imports = {
            "three": f"{lib}/three/three.module.min.js",
            "three/addons/": f"{lib}/three/addons/",
            "echarts": f"{lib}/echarts/echarts.esm.min.js",
        }
        return msgspec.json.encode({"imports": imports}).decode()

    def serve(self, folder: Path, name: str, request: Request) -> Response:
        """Return one file of a folder, compressed as the browser can read it.

        Raises
        ------
        NotFound
            There is no such file.
        """
        path = folder / name
        if not NAME.fullmatch(name) or ".." in name or not path.is_file():
            raise NotFound(f"there is no file {name[:100]}; see the page that named it")
        accepted = request.headers.get("accept-encoding", "")
        content, encoding = _read(path, "br" in accepted, "gzip" in accepted)
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if encoding:
            headers["Content-Encoding"] = encoding
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0]
        return Response(content, 200, headers, kind or "application/octet-stream")


def open_files(root_path: str, lib: Path = HERE / "lib") -> Files:
    """Return the static files of this version of the package."""
    static = HERE / "static"
    digest = hashlib.sha256()
    for path in (*sorted(static.iterdir()), lib / "stamp.txt"):
        if path.is_file():
            digest.update(path.read_bytes())
    return Files(static, lib, digest.hexdigest()[:12], root_path)


@lru_cache(maxsize=64)
def _read(path: Path, is_br: bool, is_gzip: bool) -> tuple[bytes, str]:
    """Return a file, from its compressed twin where it has one, else small text compressed here."""
    for suffix, encoding, is_wanted in ((".br", "br", is_br), (".gz", "gzip", is_gzip)):
        twin = path.with_name(path.name + suffix)
        if is_wanted and twin.is_file():
            return twin.read_bytes(), encoding
    content = path.read_bytes()
    if is_gzip and len(content) > SMALL and path.suffix in TYPES:
        return gzip.compress(content, mtime=0), "gzip"
    return content, ""
