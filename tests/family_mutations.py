"""Damage to texts: bytes, tokens, lines and indentation, by a seed."""

import re

TOKEN = re.compile(r"""\w+|"[^"\n]*"|'[^'\n]*'|<=>|=>|==|!=|<=|>=|\.\.|[^\w\s]|[ \t]+|\n""")
NASTY = (
    *"(){}[]=,.&|!<>'\"\\$-+*/\t \n\r\0",
    *("=>", "<=>", "==", "..", "//", "/*", "*/", "[1..*]", "[9999..1]", "[0]", "{x", "{}", "//:"),
    *("features", "constraints", "imports", "include", "namespace", "mandatory", "optional"),
    *("or", "alternative", "cardinality", "Integer", "Real", "String", "Boolean", "as", "true"),
    *("min", "max", "step", "default", "price", "abstract", "constraint", "max_length", "unit"),
    *("sum(", "avg(", "len(", "floor(", "0", "-1", "1e9", "0.1", "9" * 29, "9" * 5000, "1/0"),
    *("\ufeff", "\u2028", "\x85", "é", "\U0001f600", "\ud7ff", "(" * 200, "!" * 999, "- " * 99),
)

PART = """features
\tPart {w 1}
\t\tor
\t\t\tInteger X {min 0, max 9}
\t\t\tY
constraints
\tX >= sum(w) // R1: part
"""
WHOLE = """namespace whole
include
\tArithmetic.*
imports
\tpart as left
\tpart as right
features
\tWhole {w 2, deep {a 1, b [1, 'x', true]}, constraint left.Part => right.Part}
\t\toptional
\t\t\tleft.Part {price 3}
\t\t\tright.Part
\t\t[1..2]
\t\t\tString Text {max_length 5, default 'ab'}
\t\t\tReal Size {min -1, max 1.5, step 0.5, unit 'mm'} // a comment
\t\t\t"Quoted name" {abstract}
constraints
\tleft.X + right.X >= 3 <=> !"Quoted name" // R1: numbers
\tlen(Text) > 2 => Size > 0 & Text != 'abc' /* and
 more */ // R2: texts
\tsum(w) <= 5 | floor(Size * 1.5) == 1 & (sum(left.Part, w) > 0 | Whole.deep.a == 1)
"""
"""A model that imports PART, with most of what UVL has."""


def damaged(text, rng):
    """Return the text with one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice((_bytes, _token, _token, _lines, _indentation))(text, rng)
    return text


def _bytes(text, rng):
    raw = bytearray(text.encode())
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(raw) + 1)
        raw[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return raw.decode(errors="replace")


def _token(text, rng):
    start = rng.randrange(len(text) + 1)
    near = [match.span() for match in TOKEN.finditer(text, start, start + 200)] or [(start, start)]
    (a, b), (c, d) = sorted((rng.choice(near), rng.choice(near)))
    left, right = text[a:b], text[c:d]
    if a == c:
        return text[:a] + rng.choice((rng.choice(NASTY), "", left * 2)) + text[b:]
    return (
        text[:a] + rng.choice((right, "")) + text[b:c] + rng.choice((left, left + right)) + text[d:]
    )


def _lines(text, rng):
    lines = text.split("\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    num = rng.choice((1, 1, 2, 10))
    block = lines[at : at + num]
    if rng.random() < 0.6:
        del lines[at : at + num]
    if rng.random() < 0.6:
        lines[to:to] = block
    return "\n".join(lines)


def _indentation(text, rng):
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    for i in range(at, min(len(lines), at + rng.choice((1, 1, 5, len(lines))))):
        bare = lines[i].lstrip()
        lead = lines[i][: len(lines[i]) - len(bare)]
        lines[i] = rng.choice((lead[1:], lead + "\t", lead + " ", "", "\t" * 40, lead[::-1])) + bare
    return "\n".join(lines)
