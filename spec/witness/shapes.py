"""Shapes: the tables of members that the pages show.

A shape is a function of a value and its place. It returns nothing, or refuses at the first fault in the order in which
the page lists members, depth first; a member that no table lists comes last (README, Failures and places).
"""

import re
import unicodedata

from .failure import Failure, require
from .reading import INTEGER_MAX, LINE_MAX, TEXT_MAX, instant_seconds

FAULT = "statement.bad-schema"


def under(at, name):
    """A step further along a JSON pointer (RFC 6901)."""
    return f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"


def matching(pattern):
    compiled = re.compile(pattern)

    def shape(value, at):
        require(isinstance(value, str) and compiled.fullmatch(value), FAULT, at)

    return shape


def whole(lowest, highest):
    def shape(value, at):
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        require(is_integer and lowest <= value <= highest, FAULT, at)

    return shape


def one_of(*words):
    def shape(value, at):
        require(isinstance(value, str) and value in words, FAULT, at)

    return shape


def truth(value, at):
    require(isinstance(value, bool), FAULT, at)


def some_text(value, at):
    require(isinstance(value, str), FAULT, at)


def anything(value, at):
    """For a member whose shape a later step asks for."""


# 02-bytes, Text, rule 2: the controls, and what is not seen and changes what is. Rule 3 adds lone surrogates.
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
MARKS_MAX = 30


def text_of(most, line_feeds):
    def shape(value, at):
        require(isinstance(value, str) and 1 <= len(value) <= most, FAULT, at)
        require(line_feeds or "\n" not in value, FAULT, at)
        require(not FORBIDDEN.search(value) and marks_in_a_row(value) <= MARKS_MAX, FAULT, at)
        require(unicodedata.normalize("NFC", value) == value, FAULT, at)

    return shape


def marks_in_a_row(value):
    """Rule 3: the longest run of general category M, found before normalising."""
    longest = current = 0
    for character in value:
        current = current + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, current)
    return longest


def nullable(shape):
    def either(value, at):
        if value is not None:
            shape(value, at)

    return either


class Optional:
    """A member that may be absent. Null is never the same as absent."""

    def __init__(self, shape):
        self.shape = shape


def optional(shape):
    return Optional(shape)


def record(members):
    """A closed object of these members, checked in the order given."""

    def shape(value, at):
        require(isinstance(value, dict), FAULT, at)
        for name, member in members.items():
            if name in value:
                (member.shape if isinstance(member, Optional) else member)(value[name], under(at, name))
            else:
                require(isinstance(member, Optional), FAULT, under(at, name))
        for name in sorted(value):
            require(name in members, FAULT, under(at, name))

    return shape


def mapping(name_shape, member_shape):
    """An object whose names are data: each name has a shape, and so has what stands under it."""

    def shape(value, at):
        require(isinstance(value, dict), FAULT, at)
        for name in sorted(value):
            name_shape(name, under(at, name))
            member_shape(value[name], under(at, name))

    return shape


def list_of(element, least, most):
    def shape(value, at):
        require(isinstance(value, list) and least <= len(value) <= most, FAULT, at)
        for index, member in enumerate(value):
            element(member, under(at, index))

    return shape


def fits(shape, value):
    try:
        shape(value, "")
    except Failure:
        return False
    return True


def instant(value, at):
    require(isinstance(value, str) and instant_seconds(value) is not None, FAULT, at)


line = text_of(LINE_MAX, line_feeds=False)
text = text_of(TEXT_MAX, line_feeds=True)
member_id = label = matching("[a-z][a-z0-9-]{0,31}")
lang = matching("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
digest = sid = matching("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
base64url = matching("[A-Za-z0-9_-]+")
index = size = whole(0, INTEGER_MAX)
seconds = whole(0, 253402300799)


def base64url_of(length):
    def shape(value, at):
        base64url(value, at)
        require(len(value) == length, FAULT, at)

    return shape


def base64url_up_to(most):
    def shape(value, at):
        base64url(value, at)
        require(len(value) <= most, FAULT, at)

    return shape


NAMED = {
    "Line": line,
    "Text": text,
    "MemberId": member_id,
    "Label": label,
    "Lang": lang,
    "Digest": digest,
    "Sid": sid,
    "Base64url": base64url,
    "Index": index,
    "Size": size,
    "Seconds": seconds,
    "Instant": instant,
}

# Tiers, least restricted first, with the ids of their chains (01-terms, TLP).
TIERS = ["clear", "green", "amber", "amber+strict", "red"]
CHAINS = {"clear": "clear", "green": "green", "amber": "amber", "amber+strict": "amber-strict", "red": "red"}
tier = one_of(*TIERS)


def rank(tlp):
    return TIERS.index(tlp)


def ascending(values):
    """"Sorted, none twice": byte by byte (README, Conventions 6)."""
    return all(a.encode() < b.encode() for a, b in zip(values, values[1:]))
