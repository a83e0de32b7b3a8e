"""spec/11-handling.md: what a marking says, what it may not say, and the one decision."""

from .failure import require
from .reading import MEMBERS_MAX, instant_seconds
from .shapes import (
    TIERS,
    ascending,
    instant,
    line,
    list_of,
    member_id,
    one_of,
    optional,
    rank,
    record,
    size,
    tier,
)

PERMITTED = (
    "externally-visible-direct-actions",
    "externally-visible-indirect-actions",
    "internally-visible-actions",
    "contact-for-instruction",
    "none",
)
PAP = ("clear", "green", "amber", "red")
LEGAL = ("allow", "ask", "deny")


def only_true(value, at):
    require(value is True, "statement.bad-schema", at)


# Members
time = record({"at": instant, "size": size})
MEMBERS = {
    "affected_party_notifications": optional(one_of("may", "must-not")),
    "chatham_house": optional(only_true),
    "declassify_on": optional(time),
    "embargo_until": optional(time),
    "legal_use": optional(one_of(*LEGAL)),
    "national_marking": optional(record({"marking": line, "system": line})),
    "originator_consent": optional(only_true),
    "pap": optional(one_of(*PAP)),
    "permitted_actions": optional(one_of(*PERMITTED)),
    "provider_attribution": optional(one_of("may", "must", "must-not")),
    "releasable_to": optional(list_of(member_id, 1, MEMBERS_MAX)),
    "tlp": tier,
}
handling = record(MEMBERS)


# Time
def has_passed(when, at):
    return when["size"] <= at["size"] and instant_seconds(when["at"]) <= at["moment"]


def not_before(when, end):
    return when["size"] >= end["size"] and instant_seconds(when["at"]) >= instant_seconds(end["at"])


def said(it, name):
    """What a member says, or what is meant where it is left out."""
    if name in it:
        return it[name]
    return {
        "affected_party_notifications": "may",
        "legal_use": "allow" if it["tlp"] == "clear" else "ask",
        "pap": "clear",
        "permitted_actions": PERMITTED[0],
        "provider_attribution": "may",
    }.get(name)


# Laws
def check_laws(it, at):
    """Laws 1 to 4."""

    def law(holds, name):
        require(holds, "statement.breaks-law", f"{at}/{name}")

    for name in ("declassify_on", "embargo_until", "originator_consent", "releasable_to"):
        law(it["tlp"] != "clear" or name not in it, name)
    law(ascending(it.get("releasable_to", [])), "releasable_to")
    law("chatham_house" not in it or said(it, "provider_attribution") != "must", "chatham_house")
    if "declassify_on" in it and "embargo_until" in it:
        law(not_before(it["declassify_on"], it["embargo_until"]), "declassify_on")


def check_audience(payload, state):
    """Law 5, for the statement and then for its slots."""
    markings = [("/handling", payload["handling"])]
    markings += [(f"/tear/{name}", payload["tear"][name]) for name in sorted(payload["tear"])]
    for at, it in markings:
        cleared = state.cleared(it["tlp"])
        named = it.get("releasable_to", [])
        require(all(who in cleared for who in named), "statement.breaks-law", f"{at}/releasable_to")


# Slots
def check_slot(slot, statement, at):
    for name in ["tlp"] + [name for name in MEMBERS if name not in ("tlp", "national_marking")]:
        require(restricted_enough(name, slot, statement), "tear.too-open", f"{at}/{name}")
    check_laws(slot, at)


def restricted_enough(name, slot, statement):
    if name == "tlp":
        return slot["tlp"] != "clear" and rank(slot["tlp"]) >= rank(statement["tlp"])
    if name in ("affected_party_notifications", "provider_attribution"):
        return said(statement, name) != "must-not" or said(slot, name) == "must-not"
    if name in ("chatham_house", "originator_consent"):
        return name not in statement or name in slot
    if name == "declassify_on":
        if name not in slot or statement["tlp"] == "clear":
            return True
        return name in statement and not_before(slot[name], statement[name])
    if name == "embargo_until":
        return name not in statement or (name in slot and not_before(slot[name], statement[name]))
    if name == "releasable_to":
        return name not in statement or (name in slot and set(slot[name]) <= set(statement[name]))
    order = {"legal_use": LEGAL, "pap": PAP, "permitted_actions": PERMITTED}[name]
    return order.index(said(slot, name)) >= order.index(said(statement, name))


# Readers
def reader_named(name, state):
    """The reader of this name, or None where it is nobody's."""
    if name in state.members:
        return reader_of(state, name, "member")
    if name == "anyone":
        return {"as": "anyone", "clearance": "clear", "coa": None, "member": None, "roles": []}
    places = [place for place in (name.find(":"), name.find("/")) if place >= 0]
    if not places:
        return None
    cut = min(places)
    before, mark, rest = name[:cut], name[cut], name[cut + 1 :]
    if mark == "/":
        return reader_within(state, before, rest)
    of_none = {"coa": state.genesis, "member": None, "roles": []}
    if before == "tlp" and rest in TIERS:
        return {"as": "tier", "clearance": rest, **of_none}
    if before == "community" and any(one["id"] == rest for one in state.charter.get("communities", [])):
        return {"as": "community", "clearance": "green", **of_none}
    return None


def reader_within(state, who, name):
    if who not in state.members:
        return None
    member = state.members[who]
    for form, listed in (("body", "bodies"), ("constituent", "constituents")):
        if any(one["id"] == name for one in member.get(listed, [])):
            return reader_of(state, who, form)
    if any(key.get("person") == name for key in member["keys"]):
        return reader_of(state, who, "person")
    return None


def reader_of(state, who, form):
    cleared = [tlp for tlp in TIERS if who in state.cleared(tlp)]
    roles = state.members[who]["roles"]
    return {"as": form, "clearance": cleared[-1], "coa": state.genesis, "member": who, "roles": roles}


# Rules
def decide(subject, reader, action, at, towards=None):
    """The rule that decides, and its answer. The table of the page, cut by what its rules are about."""
    it = subject["handling"]
    tlp = tier_now(subject, at)
    is_open = tlp == "clear"
    lifted = is_open or tlp != it["tlp"] or subject.get("opened") == it["tlp"]
    form = reader["as"]
    if form in ("member", "person") and (reader["coa"], reader["member"]) == (subject["coa"], subject["iss"]):
        return "author", "allow"
    if action in subject.get("granted", []):
        return "granted", "allow"
    unreached = why_unreached(subject, reader, tlp, lifted)
    if unreached is not None:
        return unreached, "deny"
    if action in ("see", "store"):
        return ("open" if is_open else "within-reach"), "allow"
    acting = {"member", "coordinator", "pen-holder", "secretariat"}
    if not is_open and reader["member"] is not None and not acting & set(reader["roles"]):
        return "reads-only", "deny"
    held = why_held(it, action, at) if not lifted else None
    if held is not None:
        return held, "deny"
    if tlp == "red" and action in ("forward", "name-source"):
        return "red-nobody-else", "deny"
    return {
        "forward": lambda: forwarding(tlp, reader, towards),
        "name-source": lambda: naming(it),
        "act-passively": lambda: acting_on(it, openly=False),
        "act-openly": lambda: acting_on(it, openly=True),
        "use-in-court": lambda: {
            "deny": ("not-in-court", "deny"),
            "ask": ("ask-for-court", "deny"),
            "allow": ("in-court", "allow"),
        }[said(it, "legal_use")],
        "publish": lambda: ("public", "allow") if is_open else ("not-public", "deny"),
    }[action]()


def tier_now(subject, at):
    """Step 1."""
    it = subject["handling"]
    declassified = "declassify_on" in it and has_passed(it["declassify_on"], at)
    tlp = "clear" if declassified else subject.get("opened", it["tlp"])
    return it["tlp"] if rank(it["tlp"]) < rank(tlp) else tlp


def why_unreached(subject, reader, tlp, lifted):
    it, form = subject["handling"], reader["as"]
    if tlp != "clear":
        if form == "anyone":
            return "stranger"
        if reader["coa"] != subject["coa"]:
            return "other-coalition"
    if not lifted and "releasable_to" in it and reader["member"] not in it["releasable_to"]:
        return "not-releasable"
    if rank(tlp) > rank(reader["clearance"]):
        return "not-cleared"
    if tlp == "red" and form not in ("person", "tier"):
        return "red-persons"
    if tlp == "amber+strict" and form in ("constituent", "community"):
        return "strict-organisation"
    if not lifted and form == "constituent" and said(it, "affected_party_notifications") == "must-not":
        return "affected-parties"
    return None


def why_held(it, action, at):
    onward = ("forward", "name-source", "use-in-court", "publish")
    if action in onward + ("act-openly",) and "embargo_until" in it and not has_passed(it["embargo_until"], at):
        return "embargo"
    return "originator-consent" if action in onward and "originator_consent" in it else None


def forwarding(tlp, reader, towards):
    if tlp == "amber" and reader["as"] == "constituent":
        return "one-step", "deny"
    if tlp.startswith("amber") and towards and towards["as"] not in ("anyone", "tier", "community", "member"):
        if towards["member"] != reader["member"]:
            return "others-organisation", "deny"
    place = {
        "amber+strict": "forward-organisation",
        "amber": "forward-constituents",
        "green": "forward-community",
        "clear": "forward-anyone",
    }[tlp]
    return place, "allow"


def naming(it):
    if "chatham_house" in it:
        return "chatham-house", "deny"
    return {
        "must-not": ("source-withheld", "deny"),
        "must": ("source-required", "allow"),
        "may": ("source-free", "allow"),
    }[said(it, "provider_attribution")]


def acting_on(it, openly):
    permitted = said(it, "permitted_actions")
    if permitted == "none":
        return "no-action", "deny"
    if permitted == "contact-for-instruction":
        return "ask-first", "deny"
    if not openly:
        return "act-unseen", "allow"
    if permitted != PERMITTED[0]:
        return "not-outside", "deny"
    return ("pap", "deny") if said(it, "pap") in ("amber", "red") else ("act-openly", "allow")
