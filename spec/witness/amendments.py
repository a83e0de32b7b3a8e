"""spec/03-charter.md: versions of the charter, and which of their members speak."""

from .charter import Era, check_rules, law
from .failure import require
from .keys import thumbprint
from .log import read_vkey
from .reading import encode


# What a proposal is about, beside a charter and the id of a member.
CLOSES = object()


def speaking(state, who):
    return who in state.members and who not in state.now.absent


def keeps(state, member):
    """Amendment, step 2: a member is kept if its keys are those of the version in force."""
    return member["id"] in state.members and state.members[member["id"]]["keys"] == member["keys"]


def next_era(state, index, version=None, absent=None, renewed=None):
    """In force from the next index on."""
    now = state.now
    state.eras = state.eras + [Era(index + 1, version or now.version, absent, renewed or now.renewed)]


def amend(state, said, sid, index):
    """Amendment, steps 1 to 8."""
    body = said["body"]
    require(body["previous"] == state.now.sid, "charter.not-next", "/body/previous")
    members = []
    for m, member in enumerate(body["charter"]["members"]):
        law(isinstance(member, dict) or member in state.members, f"/body/charter/members/{m}")
        members.append(member if isinstance(member, dict) else state.members[member])
    brings = not all(keeps(state, member) for member in members)
    law(brings == ("seal" in body), "/body/seal")
    tag = dict(state.charter["tag"], **({"seal": body["seal"]} if brings else {}))
    charter = dict(body["charter"], members=members, tag=tag)
    check_rules(charter, "/body/charter", state.now.number + 1)
    check_log_key(state, charter["relay"])
    law(charter.get("follows") == state.charter.get("follows"), "/body/charter/follows")
    known = set(state.keys) | {key["kid"] for _, key, _, _ in state.prekeys}
    for m, member in enumerate(members):
        if keeps(state, member) and state.now.absent.get(member["id"]) != "left":
            continue
        for k, key in enumerate(member["keys"]):
            at = f"/body/charter/members/{m}/keys/{k}/kid"
            require(key["kid"] not in known, "charter.repeated-key", at)
    law(charter["amend_threshold"] <= len(staying(state, charter)), "/body/charter/amend_threshold")
    propose(state, said["iss"], sid, charter, index)


def check_log_key(state, relay):
    """Amendment, step 5."""
    law(relay["origin"] == state.charter["relay"]["origin"], "/body/charter/relay/origin")
    if relay["vkey"] == state.charter["relay"]["vkey"]:
        return
    had = {era.charter["relay"]["vkey"] for era in state.eras}
    kid = thumbprint({"crv": "Ed25519", "kty": "OKP", "x": encode(read_vkey(relay["vkey"])[2])})
    known = set(state.keys) | {key["kid"] for _, key, _, _ in state.prekeys}
    fresh = relay["vkey"] not in had and kid not in known
    require(fresh, "charter.repeated-key", "/body/charter/relay/vkey")


def staying(state, charter):
    return {one["id"] for one in charter["members"] if keeps(state, one) and speaking(state, one["id"])}


def suspend(state, said, sid, index):
    """Suspension."""
    who = said["body"]["member"]
    law(who != said["iss"] and speaking(state, who), "/body/member")
    propose(state, said["iss"], sid, who, index)


def close(state, said, sid, index):
    """06-log, Closing."""
    propose(state, said["iss"], sid, CLOSES, index)


def propose(state, by, sid, what, index):
    """In place of what its issuer has proposed of this kind before."""
    before = state.proposals.items()
    kept = {one: each for one, each in before if each[2] != by or type(each[0]) is not type(what)}
    state.proposals = {**kept, sid: (what, {by}, by)}
    count(state, sid, index)


def approve(state, said, _, index):
    """Amendment, steps 1 to 3 of an approval."""
    sid = said["body"]["approves"]
    require(sid in state.proposals, "charter.not-proposed", "/body/approves")
    what, approvers, by = state.proposals[sid]
    require(said["iss"] not in approvers, "charter.already-approved", "/iss")
    law(said["iss"] != what, "/iss")
    state.proposals = {**state.proposals, sid: (what, approvers | {said["iss"]}, by)}
    count(state, sid, index)


def count(state, sid, index):
    """In force: members, once each, before and after."""
    what, approvers, _ = state.proposals[sid]
    if len({who for who in approvers if speaking(state, who)}) < state.charter["amend_threshold"]:
        return
    if overtaken(state, what):
        state.proposals = {one: each for one, each in state.proposals.items() if one != sid}
    elif what is CLOSES:
        state.proposals, state.closed_from = {}, index + 1
    elif isinstance(what, str):
        state.proposals = {one: each for one, each in state.proposals.items() if one != sid}
        next_era(state, index, absent={**state.now.absent, what: "suspended"})
    elif len(approvers & staying(state, what)) >= what["amend_threshold"]:
        enact(state, what, sid, index)


def overtaken(state, what):
    """In force: what was fresh when it was proposed is no more."""
    if isinstance(what, str):
        return not speaking(state, what)
    known = set(state.keys) | {key["kid"] for _, key, _, _ in state.prekeys}
    brought = [] if what is CLOSES else what["members"]
    stale = [one for one in brought if not keeps(state, one) or state.now.absent.get(one["id"]) == "left"]
    return any(key["kid"] in known for one in stale for key in one["keys"])


def enact(state, charter, sid, index):
    """In force, steps 1 to 4."""
    kept = {member["id"] for member in charter["members"] if keeps(state, member)}
    spans = dict(state.spans)
    for kid, (who, _) in state.keys.items():
        if who not in kept:
            end_at(spans, kid, index + 1)
    absent = {who: why for who, why in state.now.absent.items() if who in kept and why == "awaited"}
    keys, renewed, known = dict(state.keys), dict(state.now.renewed), {who for who, _ in state.keys.values()}
    for member in charter["members"]:
        if member["id"] in kept:
            continue
        if member["id"] in known:
            renewed[member["id"]] = renewed.get(member["id"], 0) + 1
        absent[member["id"]] = "awaited"
        for key in member["keys"]:
            keys[key["kid"]] = (member["id"], key)
            spans[key["kid"]] = (index + 1, None)
        state.next_roots = {**state.next_roots, member["id"]: member.get("next_root")}
    state.keys, state.spans, state.proposals = keys, spans, {}
    ids = {member["id"] for member in charter["members"]}
    state.next_roots = {who: kid for who, kid in state.next_roots.items() if kid is not None and who in ids}
    state.ended_prekeys = state.ended_prekeys | {key["kid"] for who, key, _, _ in state.prekeys if who not in kept}
    state.adopted = {who: at for who, at in state.adopted.items() if who in kept}
    next_era(state, index, (charter["version"], sid, charter), absent, renewed)


def end_at(spans, kid, end):
    first, before = spans.get(kid, (0, None))
    spans[kid] = (first, end if before is None else min(before, end))


def accede(state, said, _, index):
    """Accession, steps 1 to 3."""
    who = said["iss"]
    require(state.now.absent.get(who) == "awaited", "charter.already-adopted", "/iss")
    require(said["body"]["accedes"] == state.now.sid, "charter.not-next", "/body/accedes")
    state.adopted[who] = index
    next_era(state, index, absent={one: why for one, why in state.now.absent.items() if one != who})


def leave(state, said, _, index):
    """Leaving."""
    spans = dict(state.spans)
    for kid, (who, _) in state.keys.items():
        if who == said["iss"]:
            end_at(spans, kid, index + 1)
    state.spans = spans
    next_era(state, index, absent={**state.now.absent, said["iss"]: "left"})


STEPS = {
    "charter.amend": amend,
    "charter.approve": approve,
    "member.accede": accede,
    "member.suspend": suspend,
    "member.withdraw": leave,
    "log.close": close,
}
