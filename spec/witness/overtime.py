"""spec/13-keys-over-time.md: what statements after the adoption make of the charter, and which keys are sealed to."""

from . import amendments
from .charter import RESTRICTED, law, seal_keys
from .failure import require
from .keys import enrol, thumbprint
from .log import read_vkey
from .reading import KEYS_MAX, encode, instant_seconds
from .statements import mandate_at
from .witnesses import read_policy

OWN_USES = ("root", "sign", "auth")

PREKEY_SECONDS_MAX = 30 * 86_400


def fold(state, envelope, at_index):
    """The fold: one statement that has been verified, at its index."""
    said = envelope.payload
    if envelope.sid == state.genesis:
        return
    if said["kind"] == "charter.adopt":
        state.adopt(said["iss"], at_index)
    elif said["kind"] == "key.prekey":
        publish(state, said, at_index)
    elif said["kind"] in amendments.STEPS:
        amendments.STEPS[said["kind"]](state, said, envelope.sid, at_index)
    elif said["kind"] == "key.add":
        add(state, said, at_index)
    elif said["kind"] == "key.revoke":
        revoke(state, envelope, at_index)
    elif said["kind"] == "key.rotate-root":
        rotate_root(state, envelope, at_index)
    elif said["kind"] == "mandate.grant":
        grant_mandate(state, said, at_index)
    elif said["kind"] == "mandate.revoke":
        revoke_mandate(state, said, at_index)
    elif said["kind"] == "statement.reaffirm":
        state.reaffirmed += [(sid, made_of(envelope, at_index)) for sid in said["body"]["statements"]]


def known_kids(state):
    return set(state.keys) | {key["kid"] for _, key, _, _ in state.prekeys}


def kids_of_the_log(state):
    """Adding, step 1: the Ed25519 keys of the log and of the policy, as if they were jwks."""
    octets = [read_vkey(era.charter["relay"]["vkey"])[2] for era in state.eras]
    if "policy" in state.charter:
        policy = read_policy(state.charter["policy"])
        octets += [one.octets for one in [*policy.logs, *policy.witnesses.values()] if one.kind in (1, 4)]
    return {thumbprint({"crv": "Ed25519", "kty": "OKP", "x": encode(one)}) for one in octets}


def speaking(state, who, at_index):
    """The keys of a member that sign statements or requests, and speak at an index."""
    own = [(kid, key) for kid, (whose, key) in state.keys.items() if whose == who and key["use"] in OWN_USES]
    return [key for kid, key in own if state.speaks(kid, at_index)]


def add(state, said, at_index):
    """Adding, steps 1 to 3."""
    who = said["iss"]
    taken = known_kids(state) | kids_of_the_log(state)
    for k, key in enumerate(said["body"]["keys"]):
        at = f"/body/keys/{k}"
        enrol(key, who, at)
        require(key["kid"] not in taken, "charter.repeated-key", at + "/kid")
        law(key["use"] != "root" or who not in state.next_roots, at + "/use")
    law(len(speaking(state, who, at_index + 1)) + len(said["body"]["keys"]) <= KEYS_MAX, "/body/keys")
    for key in said["body"]["keys"]:
        state.keys[key["kid"]] = (who, key)
        state.spans[key["kid"]] = (at_index + 1, None)


def rotate_root(state, envelope, at_index):
    """Rotating, steps 1 to 6."""
    who, body, kid = envelope.payload["iss"], envelope.payload["body"], envelope.header["kid"]
    key = body["key"]
    require(key["kid"] == kid == state.next_roots.get(who), "charter.unknown-key", "/body/key/kid")
    enrol(key, who, "/body/key")
    known = known_kids(state)
    require(kid not in known | kids_of_the_log(state), "charter.repeated-key", "/body/key/kid")
    require(body["next_root"] not in known | {kid}, "charter.repeated-key", "/body/next_root")
    since = body.get("compromised_since")
    law(since is None or since < at_index, "/body/compromised_since")
    for old in [old["kid"] for old in speaking(state, who, at_index) if old["use"] == "root"]:
        state.spans[old] = (state.spans.get(old, (0, None))[0], at_index + 1)
        if since is not None:
            state.disputes.append((old, since, made_of(envelope, at_index)))
    state.keys[kid], state.spans[kid] = (who, key), (at_index, None)
    state.next_roots[who] = body["next_root"]


def grant_mandate(state, said, at_index):
    """Mandates, granting, steps 1 to 4."""
    kid = said["body"]["kid"]
    own = state.speaks(kid, at_index) and state.keys[kid][0] == said["iss"]
    require(own, "charter.unknown-key", "/body/kid")
    require(state.keys[kid][1]["use"] == "sign", "charter.wrong-use", "/body/kid")
    law(said["body"].get("until", at_index + 1) > at_index, "/body/until")
    state.mandates.setdefault(kid, []).append((at_index + 1, said["body"]))


def revoke_mandate(state, said, at_index):
    """Mandates, revoking: None stands for no mandate."""
    kid = said["body"]["kid"]
    own = kid in state.keys and state.keys[kid][0] == said["iss"]
    law(own and mandate_at(state, kid, at_index) is not None, "/body/kid")
    state.mandates[kid].append((at_index + 1, None))


class Made:
    """Of a statement, what says whether it is disputed."""

    def __init__(self, sid, iss, kid, index):
        self.sid, self.iss, self.kid, self.index = sid, iss, kid, index


def made_of(envelope, index):
    return Made(envelope.sid, envelope.payload["iss"], envelope.header["kid"], index)


def is_disputed(state, made, size, known=None):
    """Disputed, each statement judged once."""
    known = {} if known is None else known
    if made.sid not in known:
        known[made.sid] = judge_disputed(state, made, size, known)
    return known[made.sid]


def judge_disputed(state, made, size, known):
    """Disputed: at a log of this size, by revocations and re-affirmations that are not disputed themselves."""
    for kid, since, by in state.disputes:
        if kid != made.kid or not since <= made.index < by.index < size or is_disputed(state, by, size, known):
            continue
        again = [one for sid, one in state.reaffirmed if (sid, one.iss) == (made.sid, made.iss)]
        later = [one for one in again if by.index < one.index < size]
        if all(is_disputed(state, one, size, known) for one in later):
            return True
    return False


def revoke(state, envelope, at_index):
    """Revoking, steps 1 to 5."""
    said = envelope.payload
    who, kid = said["iss"], said["body"]["kid"]
    require(state.speaks(kid, at_index) and state.keys[kid][0] == who, "charter.unknown-key", "/body/kid")
    use = state.keys[kid][1]["use"]
    require(use in OWN_USES, "charter.wrong-use", "/body/kid")
    others = [key for key in speaking(state, who, at_index + 1) if key["kid"] != kid and key["use"] == use]
    law(others, "/body/kid")
    since = said["body"].get("compromised_since")
    law(since is None or since < at_index, "/body/compromised_since")
    if since is not None:
        state.disputes.append((kid, since, made_of(envelope, at_index)))
    first, _ = state.spans.get(kid, (0, None))
    state.spans[kid] = (first, at_index + 1)


def publish(state, said, at_index):
    """Prekeys, steps 1 to 3."""
    body, who = said["body"], said["iss"]
    until = instant_seconds(body["until"])
    law(said["iat"] < until <= said["iat"] + PREKEY_SECONDS_MAX, "/body/until")
    known = known_kids(state)
    named = [key.get("person") for key in state.members[who]["keys"]]
    for k, key in enumerate(body["keys"]):
        at = f"/body/keys/{k}"
        enrol(key, who, at)
        require(key["kid"] not in known, "charter.repeated-key", at + "/kid")
        law("person" not in key or key["person"] in named, at + "/person")
    state.prekeys += [(who, key, at_index + 1, until) for key in body["keys"]]


def name_of(key):
    return key["alg"], key.get("person")


def audience(state, tlp, among):
    return [who for who in sorted(state.cleared(tlp)) if among is None or who in among]


def keys_of(state, who, tlp, size, moment):
    """Which keys: of one member, for a tier, as the log of this size has them, in force at this moment."""
    founding = seal_keys(state.members[who], tlp)
    chosen = []
    for name in dict.fromkeys(name_of(key) for key in founding):
        own = [(key, until) for w, key, first, until in state.prekeys if (w, name_of(key)) == (who, name) and first <= size and key["kid"] not in state.ended_prekeys]
        if not own:
            chosen += [key for key in founding if name_of(key) == name]
        else:
            chosen += [key for key, until in own if until > moment][-1:]
    return [key["kid"] for key in chosen]


def recipients(state, tlp, among, size, moment):
    if tlp not in RESTRICTED:
        return []
    return [kid for who in audience(state, tlp, among) for kid in keys_of(state, who, tlp, size, moment)]


def sealable(state, tlp, among, seen, moment):
    """Whom a container may name: those asked for at the size seen, and those published since."""
    kids = set(recipients(state, tlp, among, seen, moment))
    for who in audience(state, tlp, among):
        names = {name_of(key) for key in seal_keys(state.members[who], tlp)}
        for w, key, first, until in state.prekeys:
            fresh = first > seen and until > moment and key["kid"] not in state.ended_prekeys
            if w == who and fresh and name_of(key) in names:
                kids.add(key["kid"])
    return sorted(kids)
