"""spec/02-bytes.md: limits, strict reading, base64url, instants, domains."""

import base64
import binascii
import hashlib
import json
import re

from .failure import Failure, require

# Limits
STATEMENT_BYTES_MAX = 262144
GENESIS_BYTES_MAX = 4194304
DISCLOSURE_BYTES_MAX = 98304
SLOTS_MAX = 16
SLICES_MAX = 200
DEPTH_MAX = 32
TEXT_MAX = 65536
LINE_MAX = 512
REFS_MAX = 256
MEMBERS_MAX = 200
KEYS_MAX = 16
MANDATE_KINDS_MAX = 64
NAMED_READERS_MAX = 64
CALLOUT_CLAIMS_MAX = 16
CONDITION_NODES_MAX = 64
CONDITION_DEPTH_MAX = 4
RECIPIENTS_MAX = 256
ENCLOSED_MAX = 208
SEAL_BYTES_MAX = 2097152
NOTE_SIGNATURES_MAX = 32
POST_QUANTUM_KEYS_MAX = 16
NOTE_BYTES_MAX = 65536
PROOF_HASHES_MAX = 63
ENTRY_BYTES_MAX = 65535
INTEGER_MAX = 2**53 - 1


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def domain(name):
    """Domains: the tag in front of all that is hashed or signed outside of a JWS."""
    return b"chancery/v1/" + name.encode("ascii") + b"\0"


# Base64url


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def decode(text, at=""):
    """Base64url: the text is accepted exactly when it is what its bytes encode to."""
    octets = decoded_or_none(text)
    require(octets is not None, "bytes.not-base64url", at)
    return octets


def decoded_or_none(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # Python drops loose bits without a word, so the way back decides.
    return octets if encode(octets) == text else None


def padded(octets):
    return base64.b64encode(octets).decode("ascii")


def padded_or_none(text):
    """The padded base64 of notes and receipts, under the same rule."""
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return octets if padded(octets) == text else None


# Strict reading


def signed_json(octets, at=""):
    """Strict reading, steps 4 to 7: the value of bytes that are signed JSON."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure("bytes.not-utf8", at) from None
    require(depth(octets) <= DEPTH_MAX, "bytes.too-deep", at)
    value = parsed(text, at)
    require(canonical(value) == octets, "bytes.not-canonical", at)
    return value


def depth(octets):
    """Step 5: the deepest nesting, by a scan that no parser is needed for."""
    deepest = current = 0
    in_string = skip = False
    for octet in octets:
        if skip:
            skip = False
        elif in_string:
            skip = octet == 0x5C
            in_string = octet != 0x22
        elif octet == 0x22:
            in_string = True
        elif octet in b"[{":
            current += 1
            deepest = max(deepest, current)
        elif octet in b"]}":
            current -= 1
    return deepest


def parsed(text, at=""):
    """Step 6: one JSON text of RFC 8259. Python's parser also knows NaN and Infinity, and is told not to."""
    try:
        return json.loads(text, parse_constant=no_constant, parse_int=integer)
    except (json.JSONDecodeError, NotJson):
        raise Failure("bytes.not-json", at) from None


class NotJson(Exception):
    pass


def no_constant(_):
    raise NotJson


def integer(digits):
    # A number of thousands of digits has no canonical form; Python would refuse to convert it.
    return int(digits) if len(digits) < 400 else float("inf")


SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def canonical(value):
    """Step 7: RFC 8785 restricted to integers, as bytes; None where the value has no such form."""
    try:
        return written(value).encode("utf-8")
    except (NoForm, UnicodeEncodeError):
        # Lone surrogates cannot be encoded, which is rule 5.
        return None


class NoForm(Exception):
    pass


def written(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise NoForm
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(quoted(name) + ":" + written(value[name]) for name in names) + "}"
    raise NoForm


def quoted(text):
    return '"' + re.sub('["\\\\\x00-\x1f]', escaped, text) + '"'


def escaped(match):
    character = match.group()
    return SHORT_ESCAPES.get(character) or "\\u%04x" % ord(character)


# Numbers and instants

INSTANT = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z"
)


def instant_seconds(text):
    """The seconds since 1970 of an Instant, or None. Years before 1 are counted too, which datetime cannot."""
    match = INSTANT.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    if day > days_in(year, month):
        return None
    return ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second


def days_in(year, month):
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def days_since_1970(year, month, day):
    before = year - 1
    years = before * 365 + before // 4 - before // 100 + before // 400 - 719162
    return years + sum(days_in(year, earlier) for earlier in range(1, month)) + day - 1
