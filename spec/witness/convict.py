"""spec/09-audit.md, Convict: who has signed two things that cannot both be true."""

from itertools import combinations

from .adoption import begin
from .failure import Failure, require
from .keys import enrol
from .kinds import check_body
from .log import Checkpoint, check_consistency, open_checkpoint, read_note
from .reading import GENESIS_BYTES_MAX, decode, padded_or_none
from .statements import STATEMENT_TYPE, check_signer, claims, read_envelope, rotated_in
from .witnesses import check_cosignature, line_by, owner, read_policy


def held(work, *given):
    """What the work gives, or None where it refuses."""
    try:
        return work(*given)
    except Failure:
        return None


def convict(given):
    jwss = [given["genesis"]] if "genesis" in given else []
    jwss += given.get("statements", [])
    state = next((state for state in (held(begin, jws + "~") for jws in jwss) if state), None)
    require(state is not None, "evidence.bad-proof", "/genesis")
    learn_keys(state, jwss)
    relay = state.charter["relay"]
    policy = read_policy(state.charter["policy"]) if "policy" in state.charter else None
    vkeys = log_keys(state, jwss)
    heads = [(note, head_by(note, relay["origin"], vkeys)) for note in given.get("notes", [])]
    compromised = compromised_kids(state, jwss)
    signed = [each for each in (held(signed_claims, state, jws) for jws in jwss) if each]
    signed = [each for each in signed if kid_of(jwss, each[1]) not in compromised]
    found = []
    for a, b in combinations([head for head in heads if head[1]], 2):
        found += two_trees(policy, *sorted((a, b), key=lambda head: head[1].size), given.get("earlier", []))
    for (first, sid), (second, other) in combinations(signed, 2):
        chain = first["chain"]
        same = (first["iss"], chain["id"], chain["seq"]) == (second["iss"], second["chain"]["id"], second["chain"]["seq"])
        if same and sid != other:
            of = f"two statements of number {chain['seq']} of its chain {chain['id']}"
            found.append({"of": of, "who": {"is": "member", "name": first["iss"]}})
        one, two = first["seen"], second["seen"]
        if first["iss"] == second["iss"] and one and two and one["size"] == two["size"] and one["root"] != two["root"]:
            of = f"two trees of size {one['size']}, as it says it has seen them"
            found.append({"of": of, "who": {"is": "member", "name": first["iss"]}})
    return {"convictions": [one for i, one in enumerate(found) if one not in found[:i]], "genesis": state.genesis}


def head_by(note, origin, vkeys):
    return next((head for head in (held(open_checkpoint, note, origin, vkey) for vkey in vkeys) if head), None)


def log_keys(state, jwss):
    """The keys of the log: of the genesis charter, and of each version that enough members have approved."""
    signed = [each for each in (held(signed_claims, state, jws) for jws in jwss) if each]
    signed = [(said, sid) for said, sid in signed if state.keys[kid_of(jwss, sid)][1]["use"] == "root"]
    signed = [(said, sid) for said, sid in signed if held(check_body_of, said)]
    versions, vkeys = {state.genesis: state.charter}, [state.charter["relay"]["vkey"]]
    for _ in signed:
        for said, sid in signed:
            if said["kind"] != "charter.amend" or said["body"]["previous"] not in versions:
                continue
            by = {one["iss"] for one, _ in signed if one["kind"] == "charter.approve" and one["body"]["approves"] == sid}
            both = [versions[said["body"]["previous"]], said["body"]["charter"]]
            if all(len(ids_in(it) & (by | {said["iss"]})) >= it["amend_threshold"] for it in both):
                versions[sid] = said["body"]["charter"]
                vkeys.append(versions[sid]["relay"]["vkey"])
    return vkeys


def ids_in(it):
    return {one if isinstance(one, str) else one["id"] for one in it["members"]}


def two_trees(policy, small, large, earlier):
    a, b = small[1], large[1]
    if not (a.root != b.root if a.size == b.size else any(shows(a, b, each) for each in earlier)):
        return []
    of = f"two trees of size {a.size}"
    if a.size < b.size:
        of = f"a tree of size {b.size} that does not extend its tree of size {a.size}"
    both = [owner(policy, name) for name in cosigners(policy, *small) if name in cosigners(policy, *large)]
    who = [{"is": "log", "name": a.origin}] + [{"is": "witness", "name": name} for name in both]
    return [{"of": of, "who": each} for each in who]


def shows(a, b, earlier):
    """Rule 2: the larger tree had another root at the smaller size."""
    proof, root = [padded_or_none(line) for line in earlier["proof"]], decode(earlier["root"])
    if (earlier["from"], earlier["to"]) != (a.size, b.size) or None in proof or a.size == 0 or root == a.root:
        return False
    try:
        check_consistency(Checkpoint(a.origin, a.size, root), b, proof)
    except Failure:
        return False
    return True


def cosigners(policy, note, checkpoint):
    _, signatures = read_note(note)
    named = policy.witnesses.items() if policy else []
    lines = [(name, key, line_by(key, signatures)) for name, key in named]
    return [name for name, key, line in lines if line and held(check_cosignature, key, checkpoint, line)]


def learn_keys(state, jwss):
    """Keys that a known root key of their member adds, until no exhibit adds one more."""
    known = -1
    while known < len(state.keys):
        known = len(state.keys)
        for jws in jwss:
            learn_root(state, jws)
        for said, sid in [each for each in (held(signed_claims, state, jws) for jws in jwss) if each]:
            _, key = state.keys[kid_of(jwss, sid)]
            if said["kind"] != "key.add" or key["use"] != "root" or held(check_body_of, said) is None:
                continue
            for one in said["body"]["keys"]:
                if held(enrols, one, said["iss"]):
                    state.keys.setdefault(one["kid"], (said["iss"], one))


def learn_root(state, jws):
    """A root key that its member had named in advance, and whom it names in its turn."""
    envelope = held(read_envelope, jws, STATEMENT_TYPE, GENESIS_BYTES_MAX)
    found = envelope and rotated_in(envelope, state)
    signed = found and held(signed_claims, state, jws)
    if signed and held(check_body_of, signed[0]):
        state.keys[envelope.header["kid"]] = found
        state.next_roots[found[0]] = signed[0]["body"]["next_root"]


def compromised_kids(state, jwss):
    """Keys of which a root key of their member has said that they were compromised."""
    kids = set()
    for said, sid in [each for each in (held(signed_claims, state, jws) for jws in jwss) if each]:
        body = said["body"]
        if said["kind"] != "key.revoke" or state.keys[kid_of(jwss, sid)][1]["use"] != "root":
            continue
        own = held(check_body_of, said) and "compromised_since" in body and body["kid"] in state.keys
        if own and state.keys[body["kid"]][0] == said["iss"]:
            kids.add(body["kid"])
    return kids


def kid_of(jwss, sid):
    envelopes = [held(read_envelope, jws, STATEMENT_TYPE, GENESIS_BYTES_MAX) for jws in jwss]
    return next(one.header["kid"] for one in envelopes if one and one.sid == sid)


def check_body_of(said):
    check_body(said["kind"], said["body"])
    return True


def enrols(key, member):
    enrol(key, member)
    return True


def signed_claims(state, jws):
    """What a key of the charter has signed for its own member in this coalition, and its sid."""
    envelope = read_envelope(jws, STATEMENT_TYPE, GENESIS_BYTES_MAX)
    member, _ = check_signer(envelope, state, 0, ("root", "sign", "auth", "witness"))
    claims(envelope.payload, "")
    said = envelope.payload
    require(said["iss"] == member, "statement.not-issuer")
    require(said["coa"] == state.genesis or envelope.sid == state.genesis, "statement.wrong-coalition")
    return said, envelope.sid
