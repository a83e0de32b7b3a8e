"""spec/05-kinds.md, release control and delivery, and spec/12-release-control.md: kinds, rules on the log, the fold."""

from .counting import counts
from .failure import require
from .handling import decide, has_passed, reader_named, tier_now, time
from .reading import SLOTS_MAX
from .shapes import (
    ascending,
    index,
    instant,
    label,
    line,
    list_of,
    matching,
    member_id,
    one_of,
    optional,
    rank,
    record,
    sid,
    text,
    tier,
)

ACTIONS = (
    "see",
    "store",
    "forward",
    "name-source",
    "act-passively",
    "act-openly",
    "use-in-court",
    "publish",
)
slots = list_of(label, 1, SLOTS_MAX)
any_slots = list_of(label, 0, SLOTS_MAX)
SCOPE = {
    "actions": list_of(one_of(*ACTIONS), 1, len(ACTIONS)),
    "mode": one_of("disclosure", "release"),
    "purpose": text,
    "recipient": line,
    "sid": sid,
    "slots": optional(slots),
    "until": time,
}
request = record({**SCOPE, "accepts": optional(sid)})
grant = record({**SCOPE, "request": optional(sid), "to": member_id, "uses": one_of("once", "until")})
deny = record({"reason": text, "request": sid})
condition = record({"demands": one_of("sanitise", "paraphrase", "downgrade"), "request": sid, "text": text})
revoke = record({"grant": sid, "reason": text})
use = record({"action": one_of(*ACTIONS), "grant": sid, "purpose": text})
opening = record({"sid": sid, "slots": optional(slots), "to": tier})
receipt = record(
    {"is": one_of("delivered", "read"), "of": list_of(record({"sid": sid, "slots": any_slots}), 1, 64)}
)
nack = record({"code": matching(r"[a-z]{1,32}\.[a-z-]{1,64}"), "index": index, "sid": optional(sid)})
resend = record({"nack": optional(sid), "sid": sid, "slots": any_slots, "to": member_id})
spill = record(
    {
        "containment": text,
        "discovered_at": instant,
        "how": one_of("misdirected", "over-shared", "published", "lost-device", "intrusion", "insider", "unknown"),
        "sid": sid,
        "slots": any_slots,
        "summary": text,
        "to_whom": text,
    }
)


# Laws of one body
def scope_laws(body):
    yield ascending(body["actions"]), "/actions"
    yield ascending(body.get("slots", [])), "/slots"
    yield "publish" not in body["actions"] or body["recipient"] == "anyone", "/recipient"


def slot_laws(body):
    yield ascending(body.get("slots", [])), "/slots"


def receipt_laws(body):
    yield ascending([one["sid"] for one in body["of"]]), "/of"
    yield all(ascending(one["slots"]) for one in body["of"]), "/of"


def none(_):
    return []


# References: None where it may be of any kind
def refs(*names):
    def of(body):
        return [("/" + name, body[name], kind) for name, kind in names if name in body]

    return of


def receipt_refs(body):
    return [(f"/of/{i}/sid", one["sid"], None) for i, one in enumerate(body["of"])]


KINDS = {
    "release.request": (request, scope_laws, refs(("sid", None), ("accepts", "release.condition"))),
    "release.grant": (grant, scope_laws, refs(("sid", None), ("request", "release.request"))),
    "release.deny": (deny, none, refs(("request", "release.request"))),
    "release.condition": (condition, none, refs(("request", "release.request"))),
    "release.revoke": (revoke, none, refs(("grant", "release.grant"))),
    "release.use": (use, none, refs(("grant", "release.grant"))),
    "tearline.open": (opening, slot_laws, refs(("sid", None))),
    "receipt": (receipt, receipt_laws, receipt_refs),
    "nack": (nack, none, refs(("sid", None))),
    "resend": (resend, slot_laws, refs(("sid", None), ("nack", "nack"))),
    "incident.spill": (spill, slot_laws, refs(("sid", None))),
}


# Rules on the log. Where a statement they ask about is withheld, the rest is left out.
def may_read(said, state, name):
    """Whether the reader of this name may see the statement as soon as it is logged."""
    who = reader_named(name, state)
    if who is None or who["as"] == "tier":
        return False
    subject = {"coa": state.genesis, "iss": said["iss"], "handling": said["handling"]}
    return decide(subject, who, "see", {"size": 0, "moment": 0})[1] == "allow"


def known(name, state):
    who = reader_named(name, state)
    return who is not None and who["as"] != "tier"


def request_relations(said, prefix, state):
    body, target = said["body"], prefix.get(said["body"]["sid"])
    if target is None:
        return
    yield target["iss"] != said["iss"], "/sid"
    yield known(body["recipient"], state), "/recipient"
    yield may_read(said, state, target["iss"]), "/sid"
    if "accepts" in body:
        demanded = prefix.get(body["accepts"])
        earlier = demanded and prefix.get(demanded["body"]["request"])
        if earlier:
            yield earlier["iss"] == said["iss"] and earlier["body"]["sid"] == body["sid"], "/accepts"


def no_more(granted, asked):
    return (
        granted["sid"] == asked["sid"]
        and granted["recipient"] == asked["recipient"]
        and set(granted["actions"]) <= set(asked["actions"])
        and set(granted.get("slots", [])) <= set(asked.get("slots", []))
        and (granted["mode"] == "disclosure" or asked["mode"] == "release")
        and granted["until"]["size"] <= asked["until"]["size"]
        and granted["until"]["at"] <= asked["until"]["at"]
    )


def grant_relations(said, prefix, state):
    body, target = said["body"], prefix.get(said["body"]["sid"])
    if target is None:
        return
    yield target["iss"] == said["iss"], "/sid"
    yield body["to"] != said["iss"] and may_read(said, state, body["to"]), "/to"
    yield may_read(said, state, body["recipient"]), "/recipient"
    asked = prefix.get(body["request"]) if "request" in body else None
    if asked:
        yield asked["iss"] == body["to"] and no_more(body, asked["body"]), "/request"


def answer_relations(said, prefix, state):
    asked = prefix.get(said["body"]["request"])
    target = asked and prefix.get(asked["body"]["sid"])
    if target:
        yield target["iss"] == said["iss"], "/request"
        yield may_read(said, state, asked["iss"]), "/request"


def revoke_relations(said, prefix, state):
    given = prefix.get(said["body"]["grant"])
    if given:
        yield given["iss"] == said["iss"], "/grant"
        yield all(may_read(said, state, given["body"][who]) for who in ("to", "recipient")), "/grant"


def use_relations(said, prefix, state):
    given = prefix.get(said["body"]["grant"])
    if given:
        yield given["body"]["to"] == said["iss"], "/grant"
        yield said["body"]["action"] in given["body"]["actions"], "/action"
        yield all(may_read(said, state, who) for who in (given["iss"], given["body"]["recipient"])), "/grant"


def open_relations(said, prefix, state):
    target = prefix.get(said["body"]["sid"])
    if target:
        yield target["iss"] == said["iss"], "/sid"
        yield said["handling"]["tlp"] == said["body"]["to"] and "releasable_to" not in said["handling"], "/to"


def receipt_relations(said, prefix, state):
    for i, one in enumerate(said["body"]["of"]):
        target = prefix.get(one["sid"])
        if target is None:
            return
        holds = target["iss"] != said["iss"] and may_read(said, state, target["iss"])
        yield holds, f"/of/{i}/sid"


def nack_relations(said, prefix, state):
    target = prefix.get(said["body"]["sid"]) if "sid" in said["body"] else None
    if target:
        yield target["index"] == said["body"]["index"], "/index"
        yield may_read(said, state, target["iss"]), "/sid"


def resend_relations(said, prefix, state):
    body = said["body"]
    yield body["to"] != said["iss"] and may_read(said, state, body["to"]), "/to"
    asked = prefix.get(body["nack"]) if "nack" in body else None
    if asked:
        yield asked["iss"] == body["to"], "/nack"


def spill_relations(said, prefix, state):
    target = prefix.get(said["body"]["sid"])
    if target:
        yield may_read(said, state, target["iss"]), "/sid"


RELATIONS = {
    "release.request": request_relations,
    "release.grant": grant_relations,
    "release.deny": answer_relations,
    "release.condition": answer_relations,
    "release.revoke": revoke_relations,
    "release.use": use_relations,
    "tearline.open": open_relations,
    "receipt": receipt_relations,
    "nack": nack_relations,
    "resend": resend_relations,
    "incident.spill": spill_relations,
}


# 12-release-control, the fold
HANDING = ("forward", "publish")


class Control:
    """What the log says of release up to a size, at a moment."""

    def __init__(self, statements, at):
        self.at = at
        # When a statement has opened by itself: another moment only where whoever asks has no clock.
        self.now = at
        self.acts = [one for one in statements if one["index"] < at["size"]]
        self.known = {one["sid"]: one for one in statements}
        self.uses, self.refused = {}, []
        self.grants = {}
        self.openings = []
        self.onward = None
        for act in self.acts:
            self.add(act)

    def add(self, act):
        kind, body = act["kind"], act["body"]
        if kind == "release.grant" and self.by_originator(act, body["sid"]):
            self.grants[act["sid"]] = act
            self.uses[act["sid"]] = []
        elif kind == "tearline.open" and self.by_originator(act, body["sid"]) and counts(act, self.at["size"]):
            self.openings.append(act)
        elif kind == "release.use":
            if self.use_holds(act):
                self.uses[body["grant"]].append(act)
            else:
                self.refused.append(act["sid"])

    def by_originator(self, act, target):
        found = self.known.get(target)
        return bool(found) and (found["iss"], found["exercise"]) == (act["iss"], act["exercise"])

    def revoked_before(self, given, index):
        return any(
            act["kind"] == "release.revoke"
            and act["body"]["grant"] == given["sid"]
            and (act["iss"], act["exercise"]) == (given["iss"], given["exercise"])
            and given["index"] < act["index"] < index
            and counts(act, index)
            for act in self.acts
        )

    def use_holds(self, act):
        """Uses, steps 1 to 6."""
        given = self.grants.get(act["body"]["grant"])
        if given is None:
            return False
        body = given["body"]
        return (
            act["iss"] == body["to"]
            and act["exercise"] == given["exercise"]
            and act["body"]["action"] in body["actions"]
            and counts(given, act["index"])
            and not self.revoked_before(given, act["index"])
            and not has_passed(body["until"], {"size": act["index"], "moment": act["iat"]})
            and (body["uses"] == "until" or not self.uses[given["sid"]])
        )

    def state_of(self, given):
        if not counts(given, self.at["size"]):
            return "disputed"
        if self.revoked_before(given, self.at["size"]):
            return "revoked"
        if given["body"]["uses"] == "once" and self.uses[given["sid"]]:
            return "used-up"
        return "expired" if has_passed(given["body"]["until"], self.at) else "in-force"

    def stage_of(self, asked):
        """Stages: the last answer of the originator."""
        if not counts(asked, self.at["size"]):
            return "disputed"
        stage = "asked"
        words = {"release.grant": "granted", "release.condition": "conditioned", "release.deny": "denied"}
        for act in self.acts:
            answers = act["kind"] in words and act["body"].get("request") == asked["sid"]
            target = act["body"]["sid"] if act["kind"] == "release.grant" else asked["body"]["sid"]
            here = act["index"] > asked["index"] and counts(act, self.at["size"])
            if answers and here and self.by_originator(act, target):
                stage = words[act["kind"]]
        return stage

    def summary(self):
        asked = [act for act in self.acts if act["kind"] == "release.request"]
        return {
            "grants": {ref: self.state_of(given) for ref, given in self.grants.items()},
            "refused": self.refused,
            "requests": {act["sid"]: self.stage_of(act) for act in asked},
        }

    def granted(self, part, slot, reader, towards):
        """Granted, or where a resend is judged, Resends 2."""
        found = set()
        for ref, given in self.grants.items():
            body = given["body"]
            if body["sid"] != part or (slot is not None and slot not in body.get("slots", [])):
                continue
            in_force = self.onward is None and self.state_of(given) == "in-force"
            handed = any(use["body"]["action"] in HANDING and self.counts(given, use) for use in self.uses[ref])
            if reader == body["recipient"] and (
                handed or (in_force and any(action in HANDING for action in body["actions"]))
            ):
                found |= {"see", "store"} if body["mode"] == "release" else {"see"}
            if reader == body["to"] and in_force:
                found |= {a for a in body["actions"] if a not in ("forward", "name-source") or towards == body["recipient"]}
        return sorted(found)

    def counts(self, given, use):
        return self.onward is None or (given["body"]["to"] == self.onward[0] and use["index"] < self.onward[1])

    def opened(self, part, slot):
        """The least restricted tier to which it has been opened, or None."""
        tiers = [
            body["to"]
            for body in (act["body"] for act in self.openings if self.onward is None or act["index"] < self.onward[1])
            if body["sid"] == part and (("slots" not in body) if slot is None else slot in body.get("slots", []))
        ]
        return min(tiers, key=rank, default=None)

    def parts(self, statement, released, reader, towards):
        """Facts: the statement and its tear lines as a decision sees them."""
        claims, ref = statement["claims"], statement["sid"]
        coa = claims["coa"] or ref
        wide = [tlp for tlp in (released, self.opened(ref, None)) if tlp]
        whole = subject(coa, claims["iss"], claims["handling"], min(wide, key=rank, default=None))
        found = [{"slot": None, **whole, "granted": self.granted(ref, None, reader, towards)}]
        for slot, marked in claims["tear"].items():
            it = {name: value for name, value in marked.items() if name != "_sd"}
            to = self.opened(ref, slot)
            seen = self.opened_slot(subject(coa, claims["iss"], it), whole, to) if to else subject(coa, claims["iss"], it)
            found.append({"slot": slot, **seen, "granted": self.granted(ref, slot, reader, towards)})
        return found

    def opened_slot(self, slot, whole, to):
        """Opened slots."""
        now = tier_now(whole, self.now)
        tlp = max(to, now, key=rank)
        if rank(slot["handling"]["tlp"]) < rank(tlp):
            return slot
        if now == "clear" or now != whole["handling"]["tlp"]:
            return {**slot, "opened": tlp}
        it = {name: value for name, value in slot["handling"].items() if name not in CHOOSING}
        it.update({name: value for name, value in whole["handling"].items() if name in CHOOSING})
        return {**slot, "handling": {**it, "tlp": tlp}}


CHOOSING = ("affected_party_notifications", "embargo_until", "originator_consent", "releasable_to")


def readers_of_resend(sent, state):
    """Resends: by name, all to whom it goes."""
    names = ["anyone"]
    for who, member in state.members.items():
        if who != sent["iss"]:
            names += [who] + [f"{who}/{key['person']}" for key in member["keys"] if "person" in key]
    return [name for name in names if may_read(sent, state, name)]


def check_resend(control, sent, statement, released, state, chosen):
    """Resends. `control` is of a log that may go on after it; `released`, of what stood before."""
    if sent["iss"] == statement["claims"]["iss"]:
        return
    control.onward = (sent["iss"], sent["index"])
    at = {"size": sent["index"], "moment": sent["iat"]}
    kept, control.now = control.now, at
    denied = set()
    for name in filter(chosen, readers_of_resend(sent, state)):
        who = reader_named(name, state)
        for part in control.parts(statement, released, name, None):
            if decide(part, who, "see", at)[1] == "deny":
                denied.add(part["slot"])
    control.onward, control.now = None, kept
    require(None not in denied, "release.no-grant", "/body/sid")
    require(not denied & set(sent["body"]["slots"]), "release.no-grant", "/body/slots")


def subject(coa, iss, it, opened=None):
    return {"coa": coa, "handling": it, "iss": iss, **({"opened": opened} if opened else {})}
