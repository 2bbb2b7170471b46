"""Call the API of a site that is served elsewhere, from the command line."""

import json
from collections.abc import Mapping
from typing import ClassVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from unikat.errors import UnikatError

TIMEOUT_S = 30.0


class CallFailed(UnikatError):
    """A site that is served elsewhere could not be reached, or refused what was asked."""

    title: ClassVar[str] = "Call failed"
    status: ClassVar[int] = 502


def call_site(
    method: str, address: str, key: str, body: Mapping[str, str | float] | None = None
) -> Mapping[str, str]:
    """Call an address with a key; return the JSON object it answers, empty if it has no body.

    Raises
    ------
    CallFailed
        If nobody answers there, or the answer is a refusal: its words.
    """
    if not address.startswith(("http://", "https://")):
        raise CallFailed(f"{address!r} is no address; write it as http://127.0.0.1:8000")
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    try:
        headers["Authorization"] = "Bearer " + key.encode("ascii").decode()
        request = Request(address, content, headers, method=method)  # noqa: S310 - http, see above
        with urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310
            return _object(reply.read())
    except HTTPError as error:
        with error:
            told = _object(error.read())
        raise CallFailed(told.get("detail", f"{address} answered {error.code}")) from error
    except (URLError, OSError, ValueError) as error:
        raise CallFailed(f"{address} cannot be called: {error}; is it served there?") from error


def _object(content: bytes) -> Mapping[str, str]:
    """Return the texts of a JSON object; none of anything else."""
    try:
        read = json.loads(content or b"{}")
    except ValueError:
        return {}
    return {k: v for k, v in read.items() if isinstance(v, str)} if isinstance(read, dict) else {}
