"""spec/04-statements.md: envelope, claims, verification, chains, seen, tear lines."""

import re

from .failure import Failure, renamed, require
from .handling import MEMBERS, check_audience, check_laws, check_slot, handling
from .keys import enrol, key_record, signature_holds
from .kinds import KINDS, STANCES, check_body, refs_of
from .reading import (
    DISCLOSURE_BYTES_MAX,
    ENTRY_BYTES_MAX,
    INTEGER_MAX,
    REFS_MAX,
    SLICES_MAX,
    SLOTS_MAX,
    GENESIS_BYTES_MAX,
    STATEMENT_BYTES_MAX,
    canonical,
    decode,
    encode,
    sha256,
    signed_json,
)
from .shapes import (
    CHAINS,
    FAULT,
    anything,
    digest,
    index,
    label,
    list_of,
    mapping,
    member_id,
    nullable,
    one_of,
    optional,
    record,
    seconds,
    sid,
    size,
    some_text,
    truth,
    under,
    whole,
)

STATEMENT_TYPE = "chancery-statement+sd-jwt"
REQUEST_TYPE = "chancery-auth+jwt"
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def kind_name(value, at):
    require(isinstance(value, str) and len(value) <= 64, FAULT, at)


# Envelope
header = record({"alg": one_of("EdDSA", "ES256", "ES384"), "kid": digest, "typ": some_text})

# Claims
slot = record({"_sd": list_of(digest, 1, 1), **MEMBERS})
group_marking = record({name: shape for name, shape in MEMBERS.items() if name != "releasable_to"})
some_digests = list_of(digest, 1, STATEMENT_BYTES_MAX)
slices = record({"handling": group_marking, "label": label, "to": record({"_sd": some_digests})})
claims = record(
    {
        "body": anything,
        "chain": record({"id": label, "prev": nullable(sid), "seq": index}),
        "charter": nullable(record({"sid": sid, "version": whole(1, INTEGER_MAX)})),
        "coa": nullable(sid),
        "exercise": truth,
        "handling": handling,
        "iat": seconds,
        "iss": member_id,
        "jti": digest,
        "kind": kind_name,
        "refs": list_of(sid, 0, REFS_MAX),
        "seen": nullable(record({"note": digest, "root": digest, "size": size})),
        "slices": optional(slices),
        "tear": mapping(label, slot),
        "v": whole(1, 1),
    }
)


class Envelope:
    """A JWS that has been read and not yet verified."""

    def __init__(self, jws, head, payload, signature):
        self.jws, self.header, self.payload, self.signature = jws, head, payload, signature
        self.signed = jws.rpartition(".")[0].encode("ascii")
        # IDs: the sid covers what is signed and not the signature.
        self.sid = encode(sha256(self.signed))


def split_copy(copy):
    """Verification, steps 1.1 and 1.2: the JWS and the disclosures of a tier copy."""
    jws, *pieces = copy.split("~")
    require(pieces and pieces[-1] == "", "bytes.bad-alphabet")
    require(len(pieces) - 1 <= SLOTS_MAX + SLICES_MAX, "bytes.too-large", "/disclosures")
    return jws, pieces[:-1]


def read_envelope(jws, typ, most=STATEMENT_BYTES_MAX):
    """Verification, steps 1.3 to 4."""
    require(len(jws) <= most, "bytes.too-large")
    require(COMPACT.fullmatch(jws), "bytes.bad-alphabet")
    places = ("/header", "/payload", "/signature")
    head, payload, signature = [decode(part, at) for part, at in zip(jws.split("."), places)]
    head = signed_json(head, "/header")
    renamed("statement.bad-header", header, head, "/header")
    require(head["typ"] == typ, "statement.wrong-type", "/header/typ")
    return Envelope(jws, head, signed_json(payload, "/payload"), signature)


def check_signer(envelope, state, at_index, uses):
    """Verification, steps 5 to 7: whose key it is, once its signature holds."""
    who, key = rotated_in(envelope, state) or state.key_at(envelope.header["kid"], at_index)
    require(key["alg"] == envelope.header["alg"], "charter.wrong-alg", "/header/alg")
    require(key["use"] in uses, "charter.wrong-use", "/header/kid")
    holds = signature_holds(key["alg"], key["jwk"], envelope.signed, envelope.signature)
    require(holds, "statement.bad-signature", "/signature")
    return who, key


def rotated_in(envelope, state):
    """13-keys-over-time, Rotating: the key that its member has named in advance, as its own statement brings it."""
    said, kid = envelope.payload, envelope.header["kid"]
    try:
        require(isinstance(said, dict) and said.get("kind") == "key.rotate-root", "charter.unknown-key")
        member_id(said.get("iss"), "/iss")
        require(isinstance(said.get("body"), dict), "charter.unknown-key")
        key_record(said["body"].get("key"), "/key")
        key = said["body"]["key"]
        require(key["kid"] == kid == state.next_roots.get(said["iss"]), "charter.unknown-key")
        enrol(key, said["iss"])
    except Failure:
        return None
    return said["iss"], key


def check_claims(payload):
    """Verification, steps 8 to 13: what is said."""
    claims(payload, "")
    require(payload["kind"] in KINDS, "statement.unknown-kind", "/kind")
    check_body(payload["kind"], payload["body"])
    require(payload["refs"] == refs_of(payload["kind"], payload["body"]), "statement.wrong-refs", "/refs")
    check_laws(payload["handling"], "/handling")
    check_slots(payload)
    if "slices" in payload:
        check_slices(payload)


def check_slots(payload):
    """Step 13."""
    slots = payload["tear"]
    require(len(slots) <= SLOTS_MAX, "bytes.too-large", "/tear")
    require(not slots or KINDS[payload["kind"]].tear_line, "statement.breaks-law", "/tear")
    digests = [one["_sd"][0] for one in slots.values()]
    require(len(set(digests)) == len(digests), "tear.repeated", "/tear")
    for name in sorted(slots):
        check_slot(slots[name], payload["handling"], under("/tear", name))


def check_slices(payload):
    """Step 13.6: the group, none of it open."""
    group, digests = payload["slices"], payload["slices"]["to"]["_sd"]
    require(KINDS[payload["kind"]].slice, "statement.breaks-law", "/slices")
    require(len(digests) <= SLICES_MAX, "bytes.too-large", "/slices")
    require(group["label"] not in payload["tear"], "tear.repeated", "/slices/label")
    all_digests = digests + [one["_sd"][0] for one in payload["tear"].values()]
    require(len(set(all_digests)) == len(all_digests), "tear.repeated", "/slices/to/_sd")
    require(digests == sorted(digests), "tear.bad-order", "/slices/to/_sd")
    # Whom each is for is known when it is open, and held to the statement's list then.
    over = {name: value for name, value in payload["handling"].items() if name != "releasable_to"}
    check_slot(group["handling"], over, "/slices/handling")


def check_slice(payload, who, state):
    """Step 18: an addressee is a reader of the statement and of the slice."""
    among = payload["handling"].get("releasable_to", [who])
    require(who in among, "tear.too-open", under("/slices", who))
    cleared = state.cleared(payload["slices"]["handling"]["tlp"])
    require(who in cleared, "statement.breaks-law", under("/slices", who))


def chain_of(it, renewals=0):
    """Chains: the chain of an audience, begun anew with new keys."""
    tier = CHAINS[it["tlp"]]
    some = f"-{sha256(canonical(it['releasable_to'])).hex()[:16]}" if "releasable_to" in it else ""
    return tier + some + (f"-k{renewals}" if renewals else "")


def mandate_at(state, kid, index):
    """13-keys-over-time, Mandates: the last that was granted or revoked before this index."""
    before = [mandate for first, mandate in state.mandates.get(kid, []) if first <= index]
    return before[-1] if before else None


def check_mandate(said, mandate, index):
    """Within a mandate, steps 1 to 3."""
    if mandate is None:
        return
    require(index < mandate.get("until", index + 1), "charter.beyond-mandate", "/header/kid")
    require(said["kind"] in mandate.get("kinds", [said["kind"]]), "charter.beyond-mandate", "/kind")
    most = STANCES[mandate["strongest_stance"]] if "strongest_stance" in mandate else 7
    for part in ("claims", "positions"):
        for i, one in enumerate(said["body"].get(part, [])):
            require(STANCES.get(one.get("stance"), 0) <= most, "charter.beyond-mandate", f"/body/{part}/{i}/stance")


def check_standing(envelope, who, key, state, at_index):
    """Verification, steps 14 to 16: whether it may say so, here."""
    said = envelope.payload
    kind = KINDS[said["kind"]]
    require(said["iss"] == who, "statement.not-issuer", "/iss")
    require(key["use"] == kind.use, "charter.wrong-use", "/header/kid")
    roles = state.members[who]["roles"]
    require(any(role in roles for role in kind.roles), "statement.not-issuer", "/iss")
    check_mandate(said, mandate_at(state, key["kid"], at_index), at_index)
    chain = chain_of(said["handling"], state.now.renewed.get(who, 0))
    require(said["chain"]["id"] == chain, "statement.chain-broken", "/chain/id")
    check_audience(said, state)
    if kind.record:
        require(said["handling"]["tlp"] == "clear", "statement.breaks-law", "/handling/tlp")
        require(not said["exercise"], "statement.breaks-law", "/exercise")
    if envelope.sid == state.genesis:
        unnamed = said["coa"] is None and said["charter"] is None and said["seen"] is None
        require(unnamed, "charter.not-genesis", "/coa")
        first = said["chain"]["seq"] == 0 and said["chain"]["prev"] is None
        require(first, "charter.not-genesis", "/chain")
        return
    require(said["coa"] == state.genesis, "statement.wrong-coalition", "/coa")
    version = {"sid": state.now.sid, "version": state.now.number}
    require(said["charter"] == version, "statement.wrong-charter", "/charter")
    require(not kind.record or len(envelope.jws) < ENTRY_BYTES_MAX, "bytes.too-large", "")
    require(state.closed_from is None or at_index < state.closed_from, "log.closed", "/seen")
    why = state.now.absent.get(who)
    require(why != "suspended", "charter.suspended", "/iss")
    require(why != "awaited" or said["kind"] == "member.accede", "charter.not-acceded", "/iss")
    require(said["seen"] is not None, FAULT, "/seen")
    if said["kind"] == "charter.adopt":
        require(said["body"] == {"adopts": state.genesis}, "charter.not-genesis", "/body")
    else:
        require(state.in_force_at(at_index), "charter.not-in-force", "/charter")


def verify(copy, state, at_index):
    """Verification, steps 1 to 18: the statement, and the content of its tear lines by label."""
    state = state.at(at_index)
    jws, disclosures = split_copy(copy)
    envelope = read_envelope(jws, STATEMENT_TYPE, STATEMENT_BYTES_MAX if at_index > 0 else GENESIS_BYTES_MAX)
    who, key = check_signer(envelope, state, at_index, ("sign", "root"))
    check_claims(envelope.payload)
    check_standing(envelope, who, key, state, at_index)
    lines = read_disclosures(envelope.payload, disclosures)
    kind = KINDS[envelope.payload["kind"]]
    for (name, who), content in lines.items():
        if who is not None:
            check_slice(envelope.payload, who, state)
        shape, at = (kind.tear_line, under("/tear", name)) if who is None else (kind.slice, under("/slices", who))
        renamed("tear.bad-disclosure", shape, content, at)
    return envelope, lines


# Tear lines


def triple(addressed):
    """The form of a disclosure but for its content, in the order of its parts."""

    def check(value, at):
        require(isinstance(value, list) and len(value) == 3, FAULT, at)
        binding = record({"iss": member_id, "jti": digest, "slot": label})
        name = member_id if addressed else one_of("content")
        for place, shape in enumerate((digest, name, record({"b": binding, "c": anything}))):
            shape(value[place], under(at, place))

    return check


def read_disclosures(said, disclosures):
    """To read disclosures against the claims: the content of each, by label and addressee (None of a tear line)."""
    places = {one["_sd"][0]: (name, False) for name, one in said["tear"].items()}
    if "slices" in said:
        places.update({one: (said["slices"]["label"], True) for one in said["slices"]["to"]["_sd"]})
    lines, last = {}, None
    for i, disclosure in enumerate(disclosures):
        at = f"/disclosures/{i}"
        require(len(disclosure) <= DISCLOSURE_BYTES_MAX, "bytes.too-large", at)
        octets = decode(disclosure, at)
        place = places.get(encode(sha256(disclosure.encode("ascii"))))
        require(place is not None, "tear.unreferenced", at)
        name, addressed = place
        value = signed_json(octets, at)
        renamed("tear.bad-disclosure", triple(addressed), value, at)
        bound = {"iss": said["iss"], "jti": said["jti"], "slot": name}
        require(value[2]["b"] == bound, "tear.moved", at)
        key = (name, value[1] if addressed else None)
        require(key not in lines, "tear.repeated", at)
        order = (name, value[1] if addressed else "")
        require(last is None or order > last, "tear.bad-order", at)
        lines[key], last = value[2]["c"], order
    return lines


def check_addressee(lines, readers):
    """Slices: out of a container comes no slice but that of the one member it is for."""
    for i, (_, who) in enumerate(lines):
        require(who is None or readers == [who], "tear.moved", f"/disclosures/{i}")


def named_lines(lines):
    """The lines by one text each: the label, and after a slash the addressee of a slice."""
    return {name if who is None else f"{name}/{who}": content for (name, who), content in lines.items()}
