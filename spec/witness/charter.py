"""spec/03-charter.md: the charter, its rules, and the state that adoptions make of it."""

from copy import copy

from .curves import ed25519_enrols
from .failure import Failure, require
from .keys import enrol, key_record
from .log import read_vkey
from .reading import (
    INTEGER_MAX,
    KEYS_MAX,
    MEMBERS_MAX,
    NAMED_READERS_MAX,
    NOTE_SIGNATURES_MAX,
    POST_QUANTUM_KEYS_MAX,
    decode,
)
from .seals import container
from .shapes import (
    TIERS,
    ascending,
    digest,
    label,
    line,
    list_of,
    matching,
    member_id,
    one_of,
    optional,
    record,
    sid,
    size,
    text,
    tier,
    whole,
)
from .witnesses import read_policy, tolerance

ROLES = ("member", "coordinator", "pen-holder", "secretariat", "observer", "witness", "auditor", "guest")
RESTRICTED = TIERS[1:]
_ids = list_of(member_id, 0, MEMBERS_MAX)
_named = optional(list_of(record({"id": label, "name": line}), 1, NAMED_READERS_MAX))

# Charter
member = record(
    {
        "bodies": _named,
        "constituents": _named,
        "id": member_id,
        "keys": list_of(key_record, 1, KEYS_MAX),
        "name": line,
        "next_root": optional(digest),
        "roles": list_of(one_of(*ROLES), 1, 8),
    }
)
CHARTER = {
    "amend_threshold": whole(1, MEMBERS_MAX),
    "clearances": record({"amber": _ids, "amber+strict": _ids, "green": _ids, "red": _ids}),
    "communities": _named,
    "default_tlp": tier,
    "entry": text,
    "exit": text,
    "follows": optional(record({"genesis": sid, "root": digest, "size": size})),
    "legal_status": line,
    "max_age": optional(whole(1, 31_536_000)),
    "members": list_of(member, 1, MEMBERS_MAX),
    "name": line,
    "organisation": text,
    "policy": optional(text),
    "purpose": text,
    "relay": record({"origin": matching(r"[a-z0-9.-]{1,128}(/[a-z0-9._-]{1,64}){0,4}"), "vkey": line}),
    "tag": record({"commit": digest, "seal": container}),
    "version": whole(1, INTEGER_MAX),
}
charter = record(CHARTER)


def kept_or_whole(value, at):
    """A member of the next version: the id of one that stays as it is, or a member."""
    (member if isinstance(value, dict) else member_id)(value, at)


# Amendment
next_charter = record(
    {
        **{name: shape for name, shape in CHARTER.items() if name != "tag"},
        "members": list_of(kept_or_whole, 1, MEMBERS_MAX),
    }
)


def law(holds, at):
    require(holds, "statement.breaks-law", at)


def check_rules(it, at="", version=1):
    """Charter: the rules that the shape cannot say, 1 to 11."""
    members = it["members"]
    ids = [member["id"] for member in members]
    law(ascending(ids), at + "/members")
    kids = [key["kid"] for member in members for key in member["keys"]]
    require(len(set(kids)) == len(kids), "charter.repeated-key", at + "/members")
    next_roots = [member["next_root"] for member in members if "next_root" in member]
    for m, member in enumerate(members):
        new = "next_root" not in member or [*kids, *next_roots].count(member["next_root"]) == 1
        require(new, "charter.repeated-key", f"{at}/members/{m}/next_root")
        check_member(member, f"{at}/members/{m}")
    for tlp in RESTRICTED:
        cleared = it["clearances"][tlp]
        law(ascending(cleared) and set(cleared) <= set(ids), f"{at}/clearances/{tlp}")
    for tlp in RESTRICTED:
        able = {member["id"] for member in members if seal_keys(member, tlp)}
        law(set(it["clearances"][tlp]) <= able, f"{at}/clearances/{tlp}")
    law(ascending(ids_of(it, "communities")), at + "/communities")
    name, _, key = read_vkey(it["relay"]["vkey"], "charter.bad-key", at + "/relay/vkey")
    require(name == it["relay"]["origin"], "charter.bad-key", at + "/relay/vkey")
    require(ed25519_enrols(key), "charter.bad-key", at + "/relay/vkey")
    check_policy(it, at, key)
    for wider, tlp in zip(RESTRICTED, RESTRICTED[1:]):
        law(set(it["clearances"][tlp]) <= set(it["clearances"][wider]), f"{at}/clearances/{tlp}")
    law(it["amend_threshold"] <= len(members), at + "/amend_threshold")
    law(it["version"] == version, at + "/version")


def check_policy(it, at, log_key):
    """Policy, rules 1 to 6."""
    if "policy" not in it:
        law("max_age" not in it, at + "/max_age")
        return
    place, vkey, origin = at + "/policy", it["relay"]["vkey"], it["relay"]["origin"]
    try:
        policy = read_policy(it["policy"])
    except Failure:
        raise Failure("log.bad-policy", place) from None
    law(log_key in [log.octets for log in policy.logs if log.kind == 1], place)
    law(all(log.name == origin for log in policy.logs), place)
    keys = [*policy.logs, *policy.witnesses.values()]
    law(len(keys) <= NOTE_SIGNATURES_MAX, place)
    law(sum(key.kind == 6 for key in keys) <= POST_QUANTUM_KEYS_MAX, place)
    others = [witness.octets for witness in policy.witnesses.values() if witness.kind == 4]
    records = [key for member in it["members"] for key in member["keys"] if key["use"] != "witness"]
    taken = [decode(key["jwk"]["x"]) for key in records if key["jwk"]["kty"] == "OKP"]
    law(not any(octets in [log_key, *taken] for octets in others), place)
    for octets in [*(log.octets for log in policy.logs if log.kind == 1), *others]:
        require(ed25519_enrols(octets), "charter.bad-key", place)
    law(tolerance(policy)["shared"] > 0, place)


def ids_of(it, name):
    return [one["id"] for one in it.get(name, [])]


def check_member(it, at):
    """Charter, rule 3."""
    roles, keys = it["roles"], it["keys"]
    law(len(set(roles)) == len(roles) and "member" in roles, at + "/roles")
    bodies, constituents = ids_of(it, "bodies"), ids_of(it, "constituents")
    law(ascending(bodies), at + "/bodies")
    law(ascending(constituents) and not set(bodies) & set(constituents), at + "/constituents")
    law({"root", "sign", "auth"} <= {key["use"] for key in keys} and seal_keys(it, "green"), at + "/keys")
    for k, key in enumerate(keys):
        enrol(key, it["id"], f"{at}/keys/{k}")


def seal_keys(member, tlp):
    """04-statements, Suites: the keys of a member that a text of this tier is sealed to."""
    alg = "ECDH-ES+A256KW" if tlp == "green" else "X-Wing"
    enc = [key for key in member["keys"] if key["use"] == "enc" and key["alg"] == alg]
    return [key for key in enc if ("person" in key) == (tlp == "red")]


class Era:
    """Versions: what is in force from an index on. A version is its number, its sid and its charter."""

    def __init__(self, first, version, absent, renewed):
        self.first, self.version, self.absent, self.renewed = first, version, absent, renewed
        self.number, self.sid, self.charter = version

    def cleared(self, tlp):
        return [who for who in self.charter["clearances"][tlp] if who not in self.absent]


class State:
    """The charter state: what the log has made of a charter so far."""

    def __init__(self, it, genesis):
        self.genesis = genesis
        self.eras = [Era(0, (it["version"], genesis, it), {}, {})]
        self.keys = {key["kid"]: (member["id"], key) for member in it["members"] for key in member["keys"]}
        self.spans = {}
        self.adopted = {}
        self.founders = {member["id"] for member in it["members"]}
        self.in_force_from = None
        self.prekeys = []
        self.ended_prekeys = set()
        self.proposals = {}
        self.closed_from = None
        self.next_roots = {member["id"]: member["next_root"] for member in it["members"] if "next_root" in member}
        self.mandates = {}
        self.disputes = []
        self.reaffirmed = []

    @property
    def now(self):
        return self.eras[-1]

    @property
    def charter(self):
        return self.now.charter

    @property
    def members(self):
        return {member["id"]: member for member in self.charter["members"]}

    def at(self, index):
        """The same log, with the charter that is in force at an index."""
        then = copy(self)
        then.eras = [era for era in self.eras if era.first <= index]
        return then

    def log_key(self, size):
        """06-log, Head: the verifier key of the log at a size."""
        return self.at(max(size - 1, 0)).charter["relay"]["vkey"]

    def speaks(self, kid, index):
        """Keys, Time of a key: from an index, up to another; those of a genesis charter from 0 without end."""
        first, end = self.spans.get(kid, (0, None))
        return kid in self.keys and first <= index and (end is None or index < end)

    def key_at(self, kid, index):
        if not self.speaks(kid, index):
            raise Failure("charter.unknown-key", "/header/kid")
        return self.keys[kid]

    def adopt(self, iss, index):
        """Adoption, a later adoption, steps 1 and 2."""
        require(iss not in self.adopted, "charter.already-adopted", "/iss")
        self.adopted[iss] = index
        if self.founders <= set(self.adopted) and self.in_force_from is None:
            self.in_force_from = index + 1

    def in_force_at(self, index):
        return self.in_force_from is not None and index >= self.in_force_from

    def cleared(self, tlp):
        if tlp == "clear":
            return sorted(self.members)
        return self.now.cleared(tlp)
