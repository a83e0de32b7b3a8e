"""spec/14-witnesses.md, Alarms: what a reader concludes from what it holds, and from its own clock."""

FAST_CLOCK = 300


def alarms(told, strays, owed, roots, now, unopened=()):
    """Every alarm as (code, member, chain, since), in order: for each code and chain on its own, row by row of the table."""
    found = []
    for who, chain in {(one["iss"], one["chain"]) for one in told}:
        own = [one for one in told if (one["iss"], one["chain"]) == (who, chain)]
        for code, since in (("frozen", frozen_since(own, now)), ("withheld", withheld_since(own, unopened))):
            if since is not None:
                found.append((code, who, chain, since))
    late = [(one["member"], one["chain"], one["index"]) for one in owed if one["due"] < now]
    found += [("overdue", *key, since) for key, since in first_of(late)]
    others = [(one["iss"], one["chain"], one["index"]) for one in strays if contradicts(one, roots)]
    found += [("split", *key, since) for key, since in first_of(others)]
    return [dict(zip(("code", "member", "chain", "since"), one)) for one in sorted(found)]


def frozen_since(own, now):
    own = [one for one in own if one["index"] >= spans_of(one)[-1][0]]
    beats = sorted((one["seq"], one["index"], one["every"]) for one in own if "every" in one)
    if not beats or beats[-1][2] is None:
        return None
    _, index, every = beats[-1]
    dated = [one for one in own if one["iat"] - now <= FAST_CLOCK]
    if not dated:
        return index
    latest = max(one["iat"] for one in dated)
    return min(one["index"] for one in dated if one["iat"] == latest) if now - latest > 2 * every else None


def spans_of(one):
    """When the chain of a statement is for its reader; without a word of it, always."""
    return [(span["from"], span["to"]) for span in one.get("spans", [{"from": 0, "to": None}])]


def read_spans(eras, who, handling):
    """The indices at which a chain is for a member: one span an era, and eras that follow one another touch."""
    tlp, named = handling["tlp"], handling.get("releasable_to", [who])
    ends = [era.first for era in eras[1:]] + [None]
    return [
        {"from": era.first, "to": end}
        for era, end in zip(eras, ends)
        if who in named and (tlp == "clear" or who in era.cleared(tlp))
    ]


def is_for(spans, index):
    return any(first <= index and (end is None or index < end) for first, end in spans)


def holes(own, unopened):
    """04, Withheld: of each number held before which some are missing, its index, how many are withheld, and undecided."""
    held = {one["seq"]: one for one in own}
    for seq, one in sorted(held.items()):
        below = [other for other in held if other < seq]
        last = max(below) if below else -1
        missing, start = seq - last - 1, held[last]["index"] + 1 if below else 0
        if missing == 0:
            continue
        spans, between = spans_of(one), range(start, one["index"])
        sealed = [index for index in between if index in unopened]
        inside = sum(is_for(spans, index) for index in sealed)
        if all(is_for(spans, index) for index in between):
            withheld = missing
        else:
            withheld = max(0, missing - (len(sealed) - inside))
        yield one["index"], withheld, max(0, min(missing, inside) - withheld)


def withheld_since(own, unopened):
    return next((index for index, withheld, _ in holes(own, unopened) if withheld), None)


def contradicts(stray, roots):
    size = stray["seen"]["size"]
    return size > stray["index"] or roots.get(size) != stray["seen"]["root"]


def first_of(places):
    keys = {place[:2] for place in places}
    return [(key, min(place[2] for place in places if place[:2] == key)) for key in keys]
