"""spec/14-witnesses.md, Alarms: what a reader concludes from what it holds, and from its own clock."""

FAST_CLOCK = 300


def alarms(told, strays, owed, roots, now):
    """Every alarm as (code, member, chain, since), in order: for each code and chain on its own, row by row of the table."""
    found = []
    for who, chain in {(one["iss"], one["chain"]) for one in told}:
        own = [one for one in told if (one["iss"], one["chain"]) == (who, chain)]
        for code, since in (("frozen", frozen_since(own, now)), ("withheld", withheld_since(own))):
            if since is not None:
                found.append((code, who, chain, since))
    late = [(one["member"], one["chain"], one["index"]) for one in owed if one["due"] < now]
    found += [("overdue", *key, since) for key, since in first_of(late)]
    others = [(one["iss"], one["chain"], one["index"]) for one in strays if contradicts(one, roots)]
    found += [("split", *key, since) for key, since in first_of(others)]
    return [dict(zip(("code", "member", "chain", "since"), one)) for one in sorted(found)]


def frozen_since(own, now):
    beats = sorted((one["seq"], one["index"], one["every"]) for one in own if "every" in one)
    if not beats or beats[-1][2] is None:
        return None
    _, index, every = beats[-1]
    dated = [one for one in own if one["iat"] - now <= FAST_CLOCK]
    if not dated:
        return index
    latest = max(one["iat"] for one in dated)
    return min(one["index"] for one in dated if one["iat"] == latest) if now - latest > 2 * every else None


def withheld_since(own):
    held = {one["seq"]: one["index"] for one in own}
    if len(held) == max(held) + 1:
        return None
    return held[min(seq for seq in held if seq > 0 and seq - 1 not in held)]


def contradicts(stray, roots):
    size = stray["seen"]["size"]
    return size > stray["index"] or roots.get(size) != stray["seen"]["root"]


def first_of(places):
    keys = {place[:2] for place in places}
    return [(key, min(place[2] for place in places if place[:2] == key)) for key in keys]
