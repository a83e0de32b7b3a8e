"""spec/04-statements.md, the steps that need the log: duplicates, references, rules between statements, chains, seen.

They look only at entries before a statement's index. Where a reader lacks some of them, as an auditor may, the rules that
need one of those are left out: `Prefix.get` answers None for what is not at hand.
"""

from . import release as control
from .failure import require
from .kinds import KINDS


class Prefix:
    """What stands on the log before an index, as far as these steps ask."""

    def __init__(self, statements, heads, roots):
        self.statements = {one["sid"]: one for one in statements}
        self.heads = {(head["iss"], head["chain"]): head for head in heads}
        self.roots = roots

    def get(self, ref):
        return self.statements.get(ref)


def check_against_log(envelope, prefix, state, at_index):
    """Verification, the steps that need the log, 1 to 5."""
    said = envelope.payload
    require(prefix.get(envelope.sid) is None, "statement.duplicate")
    for place, ref, kind in KINDS[said["kind"]].refs(said["body"]):
        found = prefix.get(ref)
        require(found and kind in (None, found["kind"]), "statement.unknown-ref", "/body" + place)
    check_relations(said, prefix, state)
    check_chain(said["chain"], prefix.heads.get((said["iss"], said["chain"]["id"])))
    check_seen(said, prefix.roots, at_index)


def check_chain(chain, head):
    """Chains."""
    if head is None:
        require(chain["seq"] == 0 and chain["prev"] is None, "statement.chain-broken", "/chain")
        return
    require(chain["seq"] > head["seq"], "statement.equivocation", "/chain/seq")
    continues = chain["seq"] == head["seq"] + 1 and chain["prev"] == head["sid"]
    require(continues, "statement.chain-broken", "/chain")


def check_seen(said, roots, at_index):
    """Seen."""
    seen = said["seen"]
    if seen is not None:
        known = seen["size"] <= at_index and roots.get(seen["size"]) == seen["root"]
        require(known, "statement.seen-mismatch", "/seen")


def check_relations(said, prefix, state):
    """05-kinds, rules between statements: those marked "on the log", in the order listed."""
    rule = RELATIONS.get(said["kind"])
    for holds, place in rule(said["iss"], said["body"], prefix, state) if rule else []:
        require(holds, "statement.breaks-law", "/body" + place)
    rule = control.RELATIONS.get(said["kind"])
    for holds, place in rule(said, prefix, state) if rule else []:
        require(holds, "statement.breaks-law", "/body" + place)
    for holds, place in answer_readers(said, prefix) if said["kind"] in ANSWERS else []:
        require(holds, "statement.breaks-law", "/handling" + place)


ANSWERS = {"callout.join": "text", "callout.decline": "text", "callout.withdraw": "join"}
TIERS = ("clear", "green", "amber", "amber+strict", "red")


def answer_readers(said, prefix):
    """08-call-outs, Answers: for proposer, deputies and author, at least as restricted as the proposal."""
    named = prefix.get(said["body"][ANSWERS[said["kind"]]])
    text = prefix.get(named["body"]["text"]) if named and said["kind"] == "callout.withdraw" else named
    proposal = prefix.get(text["body"]["proposal"]) if text else None
    if proposal is None:
        return
    readers = sorted({proposal["iss"], said["iss"], *proposal["body"]["deputies"]})
    yield said["handling"].get("releasable_to", []) == readers, "/releasable_to"
    yield TIERS.index(said["handling"]["tlp"]) >= TIERS.index(proposal["tlp"]), "/tlp"


def proposal_relations(iss, body, prefix, state):
    for part in ("invitees", "deputies"):
        for i, who in enumerate(body[part]):
            yield who in state.members, f"/{part}/{i}"
    yield body["pen_holder"] in state.members, "/pen_holder"


def text_relations(iss, body, prefix, state):
    proposal = prefix.get(body["proposal"])
    if proposal:
        yield iss in (proposal["iss"], proposal["body"]["pen_holder"]), "/proposal"
    for i, claim in enumerate(body["claims"]):
        attribution = prefix.get(claim["attribution"])
        made = [one["id"] for one in attribution["body"]["claims"]] if attribution else [claim["claim"]]
        yield claim["claim"] in made, f"/claims/{i}/claim"
    for i, claim in enumerate(body["claims"]):
        if proposal:
            yield claim["attribution"] in proposal["body"]["attributions"], f"/claims/{i}/attribution"
    if proposal:
        yield body["deadline"]["at"] >= proposal["body"]["respond_by"], "/deadline/at"


def join_relations(iss, body, prefix, state):
    text = prefix.get(body["text"])
    for i, position in enumerate(body["positions"]):
        if text:
            ids = [claim["id"] for claim in text["body"]["claims"]]
            yield position["claim"] in ids, f"/positions/{i}/claim"


def withdrawal_relations(iss, body, prefix, state):
    join = prefix.get(body["join"])
    if join:
        yield join["iss"] == iss, "/join"


def may_end(iss, proposal):
    """The proposer and its deputies; of a proposal that is not at hand nobody can say."""
    return proposal is None or iss == proposal["iss"] or iss in proposal["body"]["deputies"]


def release_relations(iss, body, prefix, state):
    text = prefix.get(body["text"])
    yield may_end(iss, prefix.get(text["body"]["proposal"]) if text else None), "/text"


def abort_relations(iss, body, prefix, state):
    yield may_end(iss, prefix.get(body["proposal"])), "/proposal"


def reaffirmation_relations(iss, body, prefix, state):
    for i, one in enumerate(body["statements"]):
        target = prefix.get(one)
        if target:
            yield target["iss"] == iss, f"/statements/{i}"


RELATIONS = {
    "statement.reaffirm": reaffirmation_relations,
    "callout.propose": proposal_relations,
    "callout.text": text_relations,
    "callout.join": join_relations,
    "callout.withdraw": withdrawal_relations,
    "callout.release": release_relations,
    "callout.abort": abort_relations,
}
