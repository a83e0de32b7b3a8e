"""spec/13-keys-over-time.md: what statements after the adoption make of the charter, and which keys are sealed to."""

from . import amendments
from .charter import RESTRICTED, law, seal_keys
from .failure import require
from .keys import enrol
from .reading import instant_seconds

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


def publish(state, said, at_index):
    """Prekeys, steps 1 to 3."""
    body, who = said["body"], said["iss"]
    until = instant_seconds(body["until"])
    law(said["iat"] < until <= said["iat"] + PREKEY_SECONDS_MAX, "/body/until")
    known = set(state.keys) | {key["kid"] for _, key, _, _ in state.prekeys}
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
