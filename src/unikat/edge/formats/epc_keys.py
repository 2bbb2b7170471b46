"""EPC URNs and GS1 Digital Links -> the canonical GS1 Digital Link that names the same thing.

GS1 EPC Tag Data Standard 2.0, sections 6.3 and 7 (URN to key, check digits); GS1 Digital Link: URI
Syntax 1.2, section 4.11 (canonical form).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit

DOMAIN = "https://id.gs1.org"
Parts = Sequence[str]
KEPT: Mapping[str, Sequence[Sequence[str]]] = {
    "01": (("21",), ("10",), ("235",)),
    "414": (("254",),),
    "8006": (("21",), ("10",)),
    "8010": (("8011",),),
    **dict.fromkeys(("00", "253", "255", "401", "402", "417", "8003", "8004"), ()),
    **dict.fromkeys(("8017", "8018"), ()),
}
"""The keys that name a thing, and the qualifiers that name it more finely."""
WORDS: Mapping[str, str] = {
    "gtin": "01", "ser": "21", "lot": "10", "sscc": "00", "gln": "414", "glnx": "254",
    "party": "417", "gdti": "253", "gcn": "255", "ginc": "401", "gsin": "402", "grai": "8003",
    "giai": "8004", "itip": "8006", "cpid": "8010", "cpsn": "8011", "gsrnp": "8017", "gsrn": "8018",
}  # fmt: skip


def canonical_key(uri: str) -> str:
    """Return the canonical Digital Link of an EPC URN or a Digital Link; any other URI as it is.

    Examples
    --------
    >>> canonical_key("urn:epc:id:sgtin:0614141.011111.987")
    'https://id.gs1.org/01/00614141111114/21/987'
    >>> canonical_key("https://shop.example/gtin/00614141111114?linkType=gs1:pip")
    'https://id.gs1.org/01/00614141111114'
    """
    match = re.fullmatch(r"urn:epc:(?:id|idpat|class):([a-z]+):(.+)", uri)
    if match and (write := _SCHEMES.get(match[1])):
        parts = unquote(match[2]).split(".", write[0] - 1)
        if len(parts) == write[0]:
            return DOMAIN + write[1](parts)
        return uri
    if uri.startswith(("http://", "https://")):
        return _canonical_link(uri)
    return uri


def _canonical_link(uri: str) -> str:
    parts = [part for part in urlsplit(uri).path.split("/") if part]
    names = [WORDS.get(part, part) for part in parts]
    for at, name in enumerate(names[:-1]):
        value = unquote(parts[at + 1])
        if name in KEPT and re.fullmatch(r"[0-9]{8,}.*", value):
            given = (unquote(part) for part in parts[at + 1 :: 2])
            values = dict(zip(names[at::2], given, strict=False))  # the path may end in a key
            if name == "01":
                values["01"] = value.zfill(14)
            kept = next((q for q in KEPT[name] if all(each in values for each in q)), ())
            return DOMAIN + "".join(f"/{each}/{_quoted(values[each])}" for each in (name, *kept))
    return uri


def _quoted(value: str) -> str:
    return quote(value, safe="-._~!$&'()*+,;=:@")


def _with_check(digits: str) -> str:
    """Return digits with their GS1 check digit: weights 3 and 1 from the right."""
    if not digits.isdecimal():
        return digits
    total = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def _gtin(company: str, item: str) -> str:
    """Return a GTIN-14: the indicator stands first in the item reference."""
    return _with_check(item[:1] + company + item[1:])


def _sgtin(p: Parts) -> str:
    serial = "" if p[2] == "*" else f"/21/{_quoted(p[2])}"
    return f"/01/{_gtin(p[0], p[1])}{serial}"


def _sgln(p: Parts) -> str:
    extension = "" if p[2] in ("0", "*") else f"/254/{_quoted(p[2])}"
    return f"/414/{_with_check(p[0] + p[1])}{extension}"


def _checked(key: str) -> Callable[[Parts], str]:
    """Return the writer of a key whose first two parts get a check digit, then a serial."""

    def write(p: Parts) -> str:
        serial = "" if p[2] == "*" else _quoted(p[2])
        return f"/{key}/{_with_check(p[0] + p[1])}{serial}"

    return write


def _plain(key: str) -> Callable[[Parts], str]:
    return lambda p: f"/{key}/{_quoted(p[0] + p[1])}"


_SCHEMES: Mapping[str, tuple[int, Callable[[Parts], str]]] = {
    "sgtin": (3, _sgtin),
    "lgtin": (3, lambda p: f"/01/{_gtin(p[0], p[1])}/10/{_quoted(p[2])}"),
    "upui": (3, lambda p: f"/01/{_gtin(p[0], p[1])}/235/{_quoted(p[2])}"),
    "sscc": (2, lambda p: f"/00/{_with_check(p[1][:1] + p[0] + p[1][1:])}"),
    "sgln": (3, _sgln),
    "pgln": (2, lambda p: f"/417/{_with_check(p[0] + p[1])}"),
    "gdti": (3, _checked("253")),
    "sgcn": (3, _checked("255")),
    "grai": (3, lambda p: _checked("8003")(("0" + p[0], p[1], p[2]))),
    "ginc": (2, _plain("401")),
    "gsin": (2, lambda p: f"/402/{_with_check(p[0] + p[1])}"),
    "giai": (2, _plain("8004")),
    "gsrn": (2, lambda p: f"/8018/{_with_check(p[0] + p[1])}"),
    "gsrnp": (2, lambda p: f"/8017/{_with_check(p[0] + p[1])}"),
    "cpi": (3, lambda p: f"/8010/{_quoted(p[0] + p[1])}/8011/{_quoted(p[2])}"),
}
"""EPC scheme -> how many parts it has, and how they make a link."""
