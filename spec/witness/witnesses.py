"""spec/14-witnesses.md: cosignatures, policies, quorums, what they tolerate and what they say of time."""

import re

from . import mldsa
from .curves import ed25519_holds
from .failure import Failure, require
from .log import checkpoint_in, name_is_plain, read_note
from .reading import INTEGER_MAX, padded, padded_or_none, sha256

KEY_BYTES = {1: 32, 4: 32, 6: mldsa.PUBLIC_KEY_BYTES}
LENGTHS = {4: 64, 6: mldsa.SIGNATURE_BYTES}
LINES_MAX = 32
FAMILIES = ("ed25519", "ml-dsa-44")


class Key:
    def __init__(self, name, key_id, kind, octets):
        self.name, self.key_id, self.kind, self.octets = name, key_id, kind, octets

    @property
    def family(self):
        return "ml-dsa-44" if self.kind == 6 else "ed25519"


def read_key(vkey, kinds):
    """A verifier key of one of these types, or None."""
    name, plus, rest = vkey.partition("+")
    key_id, second, encoded = rest.partition("+")
    octets = padded_or_none(encoded) or b"\0"
    formed = name_is_plain(name) and plus and second and octets[0] in kinds
    if not formed or len(octets) != 1 + KEY_BYTES[octets[0]]:
        return None
    if sha256(name.encode(), b"\n", octets)[:4].hex() != key_id:
        return None
    return Key(name, bytes.fromhex(key_id), octets[0], octets[1:])


# Cosignatures


def message_of(kind, checkpoint, cosigner, at):
    origin, size, root = checkpoint.origin, checkpoint.size, checkpoint.root
    if kind == 4:
        return f"cosignature/v1\ntime {at}\n{origin}\n{size}\n{padded(root)}\n".encode()
    named = [bytes([len(text)]) + text for text in (cosigner.encode(), origin.encode())]
    numbers = [number.to_bytes(8, "big") for number in (at, 0, size)]
    return b"subtree/v1\n\0" + named[0] + numbers[0] + named[1] + numbers[1] + numbers[2] + root


def check_cosignature(key, checkpoint, signature):
    """Cosignatures, steps 1 to 4: when it was made."""
    require(len(signature) == 8 + LENGTHS[key.kind], "log.bad-cosignature", key.name)
    at = int.from_bytes(signature[:8], "big")
    require(1 <= at <= INTEGER_MAX, "log.bad-cosignature", key.name)
    short = all(len(text.encode()) <= 255 for text in (key.name, checkpoint.origin))
    require(short, "log.bad-cosignature", key.name)
    message = message_of(key.kind, checkpoint, key.name, at)
    scheme = ed25519_holds if key.kind == 4 else mldsa.holds
    require(scheme(key.octets, message, signature[8:]), "log.bad-cosignature", key.name)
    return at


# Policy


class Policy:
    def __init__(self):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None

    def defines(self, name):
        return name in self.witnesses or name in self.groups


def read_policy(text):
    """Policy, steps 1 to 3."""
    require(not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text), "log.bad-policy")
    require(text.endswith("\n"), "log.bad-policy")
    policy, members = Policy(), set()
    for number, line in enumerate(text[:-1].split("\n"), 1):
        items = [item for item in re.split("[ \t]+", line) if item != ""]
        if items and not items[0].startswith("#"):
            require(read_line(policy, members, items), "log.bad-policy", f"line {number}")
    require(policy.quorum is not None, "log.bad-policy")
    return policy


def read_line(policy, members, items):
    word, items = items[0], items[1:]
    readers = {"log": read_log, "witness": read_witness, "quorum": read_quorum}
    if word == "group":
        return read_group(policy, members, items)
    return word in readers and readers[word](policy, items)


def read_log(policy, items):
    key = read_key(items[0], (1, 6)) if 1 <= len(items) <= 2 else None
    if key is None or len(policy.logs) == LINES_MAX or key.octets in [log.octets for log in policy.logs]:
        return False
    policy.logs.append(key)
    return True


def read_witness(policy, items):
    if not 2 <= len(items) <= 3 or items[0] == "none" or policy.defines(items[0]):
        return False
    key = read_key(items[1], (4, 6))
    if key is None or len(policy.witnesses) == LINES_MAX:
        return False
    if key.octets in [other.octets for other in policy.witnesses.values()]:
        return False
    policy.witnesses[items[0]] = key
    return True


def read_group(policy, members, items):
    if len(items) < 3 or items[0] == "none" or policy.defines(items[0]) or len(policy.groups) == LINES_MAX:
        return False
    name, threshold, named = items[0], items[1], items[2:]
    for member in named:
        if not policy.defines(member) or member in members:
            return False
        members.add(member)
    words = {"all": len(named), "any": 1}
    k = words.get(threshold) or (int(threshold) if re.fullmatch("[1-9][0-9]{0,3}", threshold) else 0)
    policy.groups[name] = (k, named)
    return 1 <= k <= len(named)


def read_quorum(policy, items):
    if len(items) != 1 or policy.quorum is not None or not (items[0] == "none" or policy.defines(items[0])):
        return False
    policy.quorum = items[0]
    return True


# Quorum


def quorum_holds(policy, cosigned, name=None):
    name = policy.quorum if name is None else name
    if name == "none":
        return True
    if name in policy.groups:
        k, named = policy.groups[name]
        return sum(quorum_holds(policy, cosigned, member) for member in named) >= k
    return name in cosigned


def line_by(key, signatures):
    return next((signature for name, key_id, signature in signatures if (name, key_id) == (key.name, key.key_id)), None)


def open_cosigned(note, policy, origin):
    """Quorum, steps 1 to 6: the checkpoint, and the times of its witnesses by name."""
    text, signatures = read_note(note)
    checkpoint, signed = checkpoint_in(text, origin), 0
    for key in policy.logs:
        signature = line_by(key, signatures)
        if signature is not None:
            require(log_signed(key, checkpoint, text, signature), "log.bad-signature")
            signed += 1
    require(signed > 0, "log.bad-signature")
    cosigned = {}
    for name, key in policy.witnesses.items():
        signature = line_by(key, signatures)
        if signature is not None:
            cosigned[name] = check_cosignature(key, checkpoint, signature)
    return checkpoint, cosigned


def log_signed(key, checkpoint, text, signature):
    if key.kind == 1:
        return ed25519_holds(key.octets, text.encode(), signature)
    try:
        return check_cosignature(key, checkpoint, signature) > 0
    except Failure:
        return False


def open_quorum(note, policy, origin):
    """Quorum, step 7."""
    checkpoint, cosigned = open_cosigned(note, policy, origin)
    require(quorum_holds(policy, cosigned), "log.no-quorum")
    return checkpoint, cosigned


# Tolerance and families


def is_pair(policy, name):
    named = policy.groups[name][1]
    families = {policy.witnesses[member].family for member in named if member in policy.witnesses}
    return len(named) == 2 and len(families) == 2


def owner(policy, witness):
    """Of a pair the name of the pair, of any other witness its own."""
    pairs = (name for name, (_, named) in policy.groups.items() if witness in named and is_pair(policy, name))
    return next(pairs, witness)


def least(values, count):
    return sum(sorted(values)[: max(0, count)])


def borne(policy, name):
    """(parties, quorum, shared, stops) of a witness or group."""
    if name not in policy.groups or is_pair(policy, name):
        return (1, 1, 1, 1)
    k, named = policy.groups[name]
    n, each = len(named), list(zip(*(borne(policy, member) for member in named)))
    return tuple(least(values, count) for values, count in zip(each, (n, k, 2 * k - n, n - k + 1)))


def tolerance(policy):
    if policy.quorum == "none":
        return {"parties": 0, "quorum": 0, "shared": 0, "faulty": 0, "away": 0}
    parties, quorum, shared, stops = borne(policy, policy.quorum)
    faulty = max(0, shared - 1)
    return {"parties": parties, "quorum": quorum, "shared": shared, "faulty": faulty, "away": stops - 1}


def other_family(family):
    return next(other for other in FAMILIES if other != family)


def on_family(policy, family):
    """Families: the policy on one family, or None."""
    left = Policy()
    left.logs = [key for key in policy.logs if key.family == family]
    left.witnesses = {name: key for name, key in policy.witnesses.items() if key.family == family}
    for name, (k, named) in policy.groups.items():
        here = [member for member in named if left.defines(member)]
        k = 1 if is_pair(policy, name) else k
        if len(here) >= k:
            left.groups[name] = (k, here)
    left.quorum = policy.quorum
    reached = policy.quorum == "none" or left.defines(policy.quorum)
    return left if left.logs and reached else None


def stands_on(note, policy, origin, family):
    left = on_family(policy, family)
    if left is None:
        return False
    try:
        open_quorum(note, left, origin)
    except Failure:
        return False
    return True


# Time


def parties_of(policy, name=None):
    """Each party as the list of its witnesses."""
    name = policy.quorum if name is None else name
    if name == "none":
        return []
    if name not in policy.groups:
        return [[name]]
    if is_pair(policy, name):
        return [policy.groups[name][1]]
    return [party for member in policy.groups[name][1] for party in parties_of(policy, member)]


def bound(policy, cosigned, pick, latest_first):
    times = [[cosigned[name] for name in party if name in cosigned] for party in parties_of(policy)]
    ordered = sorted((pick(each) for each in times if each), reverse=latest_first)
    f = tolerance(policy)["faulty"]
    return ordered[f] if f < len(ordered) else None


def not_before(policy, cosigned):
    return bound(policy, cosigned, max, True)


def not_after(policy, cosigned):
    return bound(policy, cosigned, min, False)
