"""spec/05-kinds.md: every kind of statement, its body and the laws of one body."""

from . import release as control
from .charter import charter, next_charter
from .failure import Failure, require
from .keys import key_record
from .reading import CALLOUT_CLAIMS_MAX, CONDITION_DEPTH_MAX, CONDITION_NODES_MAX, KEYS_MAX, MANDATE_KINDS_MAX, MEMBERS_MAX, REFS_MAX
from .seals import container
from .shapes import (
    FAULT,
    ascending,
    digest,
    fits,
    index,
    instant,
    label,
    lang,
    line,
    list_of,
    matching,
    member_id,
    nullable,
    one_of,
    optional,
    record,
    sid,
    size,
    text,
    truth,
    under,
    whole,
)

# Position

STANCES = {
    "attributes": 7,
    "shares-assessment": 6,
    "supports": 5,
    "recognises": 4,
    "acknowledges": 4,
    "in-solidarity": 3,
    "condemns": 2,
    "expresses-concern": 1,
    "co-seals": 0,
    "no-position": 0,
    "dissents": 0,
}
NAMED = {
    "state": 7,
    "organ": 6,
    "entity": 5,
    "individual": 4,
    "persona": 4,
    "group": 3,
    "cluster": 2,
    "activity": 1,
    "territory": 0,
}
stance = one_of(*STANCES)
named = one_of(*NAMED)
basis = one_of("own-assessment", "partner-evidence-reviewed", "partner-word", "public-evidence", "none-stated")
confidence = one_of("low", "moderate", "high")
TERMS = {
    "icd203": one_of(
        "almost-no-chance", "very-unlikely", "unlikely", "roughly-even-chance", "likely", "very-likely", "almost-certain"
    ),
    "phia": one_of(
        "remote-chance",
        "highly-unlikely",
        "unlikely",
        "realistic-possibility",
        "likely",
        "highly-likely",
        "almost-certain",
    ),
    "fr": one_of(
        "presque-aucune-chance", "probablement-pas", "chances-à-peu-près-egales", "probable", "quasi-certaine"
    ),
    "other": line,
}


def likelihood(value, at):
    """The terms are those of the yardstick, so the scale is read first."""
    require(isinstance(value, dict), FAULT, at)
    scale = value.get("scale")
    terms = TERMS.get(scale, line) if isinstance(scale, str) else line
    record({"scale": one_of(*TERMS), "term": terms})(value, at)


authority = record(
    {
        "level": one_of(
            "head-of-state-or-government",
            "foreign-minister",
            "mfa",
            "other-minister",
            "cabinet",
            "intelligence-agency",
            "cybersecurity-agency",
            "csirt",
            "law-enforcement",
            "prosecutor",
            "sanctions-authority",
            "armed-forces",
            "international-organisation-body",
        ),
        "organ": line,
    }
)

# attribution.statement

claim = record(
    {
        "aliases": optional(list_of(record({"name": line, "source": line}), 0, 64)),
        "attributed_by": optional(member_id),
        "basis": basis,
        "confidence": optional(confidence),
        "evidence": list_of(label, 0, 64),
        "id": label,
        "likelihood": optional(likelihood),
        "name": line,
        "named": named,
        "stance": stance,
    }
)
stix = record(
    {
        "bundle": line,
        "objects": index,
        "types": list_of(record({"count": index, "type": line}), 0, 256),
    }
)
evidence = record(
    {
        "class": one_of(
            "tradecraft",
            "infrastructure",
            "malware",
            "intent",
            "victimology",
            "human",
            "signals",
            "financial",
            "legal-process",
            "open-source",
            "admission",
        ),
        "digest": digest,
        "id": label,
        "information_credibility": one_of(*"123456"),
        "media_type": matching(r"[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}(;version=[0-9.]{1,8})?"),
        "obtained_at": optional(instant),
        "salt": digest,
        "size": index,
        "source_reliability": one_of(*"ABCDEF"),
        "stix": optional(stix),
        "title": line,
    }
)
norm_citation = record(
    {
        "breach": one_of("contrary-to-norm", "internationally-wrongful", "domestic-offence", "not-characterised"),
        "facts": optional(text),
        "norm": matching(r"[A-Z][A-Za-z0-9-]{1,31}:[A-Za-z0-9()/.-]{1,32}"),
    }
)
healey = one_of(
    "state-prohibited.",
    "state-prohibited-but-inadequate.",
    "state-ignored",
    "state-encouraged",
    "state-shaped",
    "state-coordinated",
    "state-ordered",
    "state-rogue-conducted",
    "state-executed",
    "state-integrated",
)
attribution = record(
    {
        "alternatives_considered": optional(list_of(text, 0, 32)),
        "calls_on": optional(list_of(one_of("cease", "assure", "repair", "investigate", "cooperate"), 0, 5)),
        "claims": list_of(claim, 1, 64),
        "evidence": list_of(evidence, 0, 64),
        "gaps": optional(list_of(text, 0, 32)),
        "harm": optional(text),
        "incidents": list_of(record({"discovered_at": optional(instant), "ref": line, "title": line}), 1, 64),
        "kind": one_of("technical", "political", "legal"),
        "maturity": optional(one_of("m0", "m1", "m2", "m3", "m4", "m5")),
        "norm_citations": optional(list_of(norm_citation, 0, 32)),
        "prior_notice_to_accused": optional(record({"channel": line, "date": instant})),
        "publicity": one_of("private", "coalition", "public"),
        "responsibility": optional(
            record({"arsiwa": one_of("4", "5", "6", "7", "8", "9", "10", "11"), "healey": optional(healey)})
        ),
        "summary": text,
        "territorial_only": optional(truth),
        "title": line,
        "victims": optional(list_of(line, 0, 64)),
    }
)
attribution_line = record({"evidence": optional(list_of(evidence, 0, 64)), "text": text})


def different(values):
    return len(set(values)) == len(values)


def attribution_laws(body):
    claims, pieces = body["claims"], body["evidence"]
    listed = [piece["id"] for piece in pieces]
    yield different([claim["id"] for claim in claims]), "/claims"
    yield different(listed), "/evidence"
    yield all(cited in listed for claim in claims for cited in claim["evidence"]), "/claims"
    yield not any(claim["stance"] == "attributes" and "attributed_by" in claim for claim in claims), "/claims"
    territorial = body.get("territorial_only", False)
    yield not (territorial and any(claim["named"] in ("organ", "state") for claim in claims)), "/territorial_only"
    bundles = [piece["stix"] for piece in pieces if "stix" in piece]
    yield all(sum(kind["count"] for kind in b["types"]) == b["objects"] for b in bundles), "/evidence"


# callout.propose

proposal = record(
    {
        "attributions": list_of(sid, 1, 16),
        "deputies": list_of(member_id, 0, MEMBERS_MAX),
        "form": one_of("common-text", "parallel-statements", "co-sealed-advisory", "endorsement"),
        "invitees": list_of(member_id, 1, MEMBERS_MAX),
        "note": optional(text),
        "pen_holder": member_id,
        "release_window": record({"from": instant, "until": instant}),
        "respond_by": instant,
        "title": line,
    }
)


def proposal_laws(body):
    window = body["release_window"]
    yield ascending(body["invitees"]), "/invitees"
    yield ascending(body["deputies"]), "/deputies"
    yield different(body["attributions"]), "/attributions"
    yield window["from"] < window["until"], "/release_window"
    yield body["respond_by"] < window["until"], "/respond_by"


def proposal_refs(body):
    return [(f"/attributions/{i}", ref, "attribution.statement") for i, ref in enumerate(body["attributions"])]


# callout.text

frozen_text = record(
    {
        "claims": list_of(record({"attribution": sid, "claim": label, "id": label}), 1, CALLOUT_CLAIMS_MAX),
        "deadline": record({"at": instant, "size": size}),
        "lapse": record({"size": size}),
        "proposal": sid,
        "texts": list_of(record({"lang": lang, "text": text, "title": line}), 1, 32),
    }
)


def text_laws(body):
    yield different([claim["id"] for claim in body["claims"]]), "/claims"
    yield different([version["lang"] for version in body["texts"]]), "/texts"
    yield body["deadline"]["size"] < body["lapse"]["size"], "/lapse"


def text_refs(body):
    attributions = [
        (f"/claims/{i}/attribution", claim["attribution"], "attribution.statement")
        for i, claim in enumerate(body["claims"])
    ]
    return [("/proposal", body["proposal"], "callout.propose"), *attributions]


# callout.join

position = record(
    {
        "attributed_by": optional(member_id),
        "basis": basis,
        "claim": label,
        "confidence": optional(confidence),
        "likelihood": optional(likelihood),
        "named": named,
        "stance": stance,
    }
)
_floor = {"claim": optional(label), "min_named": optional(named), "min_stance": optional(stance)}


def at_least(value, at):
    require(isinstance(value, list) and value, FAULT, at)
    whole(1, MEMBERS_MAX)(value[0], under(at, 0))
    list_of(member_id, 0, len(value))(value[1:], at)


def condition(value, at):
    """A condition is one of four objects. What fits none is at fault as a whole."""
    forms = (
        record({"member": member_id, **_floor}),
        record({"atLeast": at_least, **_floor}),
        record({"all": list_of(condition, 1, CONDITION_NODES_MAX)}),
        record({"any": list_of(condition, 1, CONDITION_NODES_MAX)}),
    )
    # A condition is read from signed JSON, so it is nested 32 deep at most.
    require(any(fits(form, value) for form in forms), FAULT, at)


join = record(
    {
        "authority": authority,
        "interpretive_declaration": optional(text),
        "positions": list_of(position, 1, CALLOUT_CLAIMS_MAX),
        "reservations": list_of(record({"passage": line, "text": text}), 0, 32),
        "text": sid,
        "when": optional(condition),
    }
)


def parts(when):
    return when.get("all", when.get("any", []))


def nodes(when):
    """Every object of a condition, itself first."""
    return [when] + [node for part in parts(when) for node in nodes(part)]


def node_count(when):
    """Each object is one node, and `atLeast` one more for each id after its number."""
    return sum(len(node.get("atLeast", [1])) for node in nodes(when))


def nesting(when):
    return 1 + max(map(nesting, parts(when)), default=0)


def count_is_possible(node):
    count, *ids = node.get("atLeast", [1])
    return not ids or (different(ids) and count <= len(ids))


def condition_holds_law(when):
    """callout.join, law 3."""
    return (
        node_count(when) <= CONDITION_NODES_MAX
        and nesting(when) <= CONDITION_DEPTH_MAX
        and all(STANCES[node["min_stance"]] > 0 for node in nodes(when) if "min_stance" in node)
        and all(NAMED[node["min_named"]] > 0 for node in nodes(when) if "min_named" in node)
        and all(map(count_is_possible, nodes(when)))
    )


def join_laws(body):
    positions = body["positions"]
    yield different([position["claim"] for position in positions]), "/positions"
    attributing = [position for position in positions if position["stance"] == "attributes"]
    own = all("attributed_by" not in p and p["basis"] != "partner-word" for p in attributing)
    yield own, "/positions"
    yield "when" not in body or condition_holds_law(body["when"]), "/when"


# The shorter ones

decline = record(
    {
        "note": optional(text),
        "reason": one_of("no-evidence", "no-mandate", "timing", "legal", "policy", "other"),
        "text": sid,
    }
)
withdrawal = record({"join": sid, "reason": optional(text)})
release = record(
    {
        "cut": record({"root": digest, "size": size}),
        "joins": list_of(sid, 1, MEMBERS_MAX),
        "released_at": instant,
        "text": sid,
    }
)
abort = record({"proposal": sid, "reason": text})


def release_laws(body):
    yield ascending(body["joins"]), "/joins"


def release_refs(body):
    joins = [(f"/joins/{i}", ref, "callout.join") for i, ref in enumerate(body["joins"])]
    return [("/text", body["text"], "callout.text"), *joins]


def one_ref(name, kind):
    return lambda body: [("/" + name, body[name], kind)]


def none(_):
    return []


def adoption(value, at):
    """charter.adopt: one of two objects. Where the member that tells them apart is there, the fault is inside."""
    require(isinstance(value, dict), FAULT, at)
    if "charter" in value:
        record({"charter": charter})(value, at)
    elif "adopts" in value:
        record({"adopts": sid})(value, at)
    else:
        raise Failure(FAULT, at)


def adoption_refs(body):
    return [("/adopts", body["adopts"], "charter.adopt")] if "adopts" in body else []


# charter.amend, charter.approve, member.*
amendment = record(
    {
        "charter": next_charter,
        "previous": sid,
        "seal": optional(container),
    }
)
approval = record({"approves": sid})
accession = record({"accedes": sid})
suspension = record({"member": member_id, "reason": text})
leaving = record({"reason": text})


# key.prekey
prekey = record({"keys": list_of(key_record, 1, KEYS_MAX), "until": instant})


def prekey_laws(body):
    kids = [key["kid"] for key in body["keys"]]
    yield all(key["use"] == "enc" for key in body["keys"]), "/keys"
    yield len(set(kids)) == len(kids), "/keys"


# key.add and key.revoke
added = record({"keys": list_of(key_record, 1, KEYS_MAX)})
revocation = record({"compromised_since": optional(index), "kid": digest, "reason": text})

# key.rotate-root
rotation = record({"compromised_since": optional(index), "key": key_record, "next_root": digest})


def rotation_laws(body):
    yield body["key"]["use"] == "root", "/key/use"


# mandate.grant and mandate.revoke
mandate = record(
    {
        "kid": digest,
        "kinds": optional(list_of(matching(r"[a-z]{1,32}(\.[a-z-]{1,32})?"), 0, MANDATE_KINDS_MAX)),
        "strongest_stance": optional(stance),
        "until": optional(size),
    }
)
mandate_end = record({"kid": digest})


def mandate_laws(body):
    yield ascending(body.get("kinds", [])), "/kinds"
    yield STANCES[body.get("strongest_stance", "supports")] > 0, "/strongest_stance"


# statement.reaffirm
reaffirmation = record({"statements": list_of(sid, 1, REFS_MAX)})


def reaffirmation_laws(body):
    yield ascending(body["statements"]), "/statements"


def reaffirmation_refs(body):
    return [(f"/statements/{i}", one, None) for i, one in enumerate(body["statements"])]


def added_laws(body):
    kids = [key["kid"] for key in body["keys"]]
    yield all(key["use"] in ("root", "sign", "auth") for key in body["keys"]), "/keys"
    yield len(set(kids)) == len(kids), "/keys"


class Kind:
    def __init__(
        self, body, laws=none, refs=none, roles=("member",), use="sign", tear_line=None, slice_of=None, record=False
    ):
        self.body, self.laws, self.refs = body, laws, refs
        self.roles, self.use, self.tear_line, self.slice = roles, use, tear_line, slice_of
        self.record = record


# heartbeat
heartbeat = record({"every": nullable(whole(60, 2_592_000))})


# Table
KINDS = {
    "charter.adopt": Kind(adoption, refs=adoption_refs, use="root", record=True),
    "charter.amend": Kind(amendment, refs=one_ref("previous", None), use="root", record=True),
    "charter.approve": Kind(approval, refs=one_ref("approves", None), use="root", record=True),
    "member.accede": Kind(accession, refs=one_ref("accedes", None), use="root", record=True),
    "member.suspend": Kind(suspension, use="root", record=True),
    "member.withdraw": Kind(leaving, use="root", record=True),
    "log.close": Kind(leaving, use="root", record=True),
    "key.prekey": Kind(prekey, prekey_laws, record=True),
    "key.add": Kind(added, added_laws, use="root", record=True),
    "key.revoke": Kind(revocation, use="root", record=True),
    "key.rotate-root": Kind(rotation, rotation_laws, use="root", record=True),
    "statement.reaffirm": Kind(reaffirmation, reaffirmation_laws, reaffirmation_refs, record=True),
    "mandate.grant": Kind(mandate, mandate_laws, use="root", record=True),
    "mandate.revoke": Kind(mandate_end, use="root", record=True),
    "attribution.statement": Kind(attribution, attribution_laws, tear_line=attribution_line, slice_of=attribution_line),
    "callout.propose": Kind(proposal, proposal_laws, proposal_refs, roles=("coordinator",)),
    "callout.text": Kind(frozen_text, text_laws, text_refs, roles=("coordinator", "pen-holder")),
    "callout.join": Kind(join, join_laws, one_ref("text", "callout.text")),
    "callout.decline": Kind(decline, refs=one_ref("text", "callout.text")),
    "callout.withdraw": Kind(withdrawal, refs=one_ref("join", "callout.join")),
    "callout.release": Kind(release, release_laws, release_refs),
    "callout.abort": Kind(abort, refs=one_ref("proposal", "callout.propose")),
    "heartbeat": Kind(heartbeat),
    **{name: Kind(*parts) for name, parts in control.KINDS.items()},
}


def check_body(kind, body):
    """04-statements, Verification, steps 10 and 11: the shape of the body, then its laws in the order listed."""
    KINDS[kind].body(body, "/body")
    for holds, place in KINDS[kind].laws(body):
        require(holds, "statement.breaks-law", "/body" + place)


def refs_of(kind, body):
    """What `refs` has to be: each sid that the body names as a reference, sorted, once."""
    return sorted({ref for _, ref, _ in KINDS[kind].refs(body)})
