"""spec/08-call-outs.md: conditions, the largest set, phases, releases.

A statement is here a summary: kind, sid, iss, index, iat, exercise, and of the body what the rules ask about. It has passed
verification and the steps that need the log.
"""

from itertools import combinations

from .counting import counts
from .failure import Failure, require
from .kinds import NAMED, STANCES
from .reading import instant_seconds

# Up to this many candidates the largest set is also found by trying every set.
TRIED_UP_TO = 10


# Conditions


def meets(positions, floor):
    """Conditions, rule 5: one position fits all of the floor at once."""
    return any(position_fits(position, floor) for position in positions)


def position_fits(position, floor):
    return (
        STANCES[position["stance"]] > 0
        and floor.get("claim", position["claim"]) == position["claim"]
        and STANCES[position["stance"]] >= STANCES.get(floor.get("min_stance"), 0)
        and NAMED[position["named"]] >= NAMED.get(floor.get("min_named"), 0)
    )


def holds(condition, members):
    """Conditions, rules 1 to 4, in a set: positions by member."""
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(part, members) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, members) for part in condition["any"])
    if "member" in condition:
        who = condition["member"]
        return who in members and meets(members[who], condition)
    count, *ids = condition["atLeast"]
    asked = ids if ids else members
    return sum(who in members and meets(members[who], condition) for who in asked) >= count


# Largest set, for joins by member: each an object with positions and perhaps `when`


def is_sound(names, joins):
    members = {who: joins[who]["positions"] for who in names}
    return all(holds(joins[who].get("when"), members) for who in names)


def largest_set(joins):
    """Begin with all candidates; while there is one whose condition does not hold in what remains, drop it."""
    names = set(joins)
    while True:
        members = {who: joins[who]["positions"] for who in names}
        unmet = {who for who in names if not holds(joins[who].get("when"), members)}
        if not unmet:
            break
        names -= unmet
    if len(joins) <= TRIED_UP_TO and names != union_of_sound_sets(joins):
        raise AssertionError("the fixpoint is not the union of all sound sets")
    return sorted(names)


def union_of_sound_sets(joins):
    """The definition, word for word: there is one largest because the union of sound sets is sound."""
    union = set()
    for count in range(1, len(joins) + 1):
        for names in combinations(sorted(joins), count):
            if is_sound(names, joins):
                union |= set(names)
    return union


# Phases


class Answer:
    """A join, a decline or a withdrawal that names the frozen text."""

    def __init__(self, statement):
        self.kind, self.sid, self.who = statement["kind"], statement["sid"], statement["iss"]
        self.index, self.exercise, self.body = statement["index"], statement["exercise"], statement["body"]
        self.statement = statement


class CallOut:
    """One call-out after the statements taken so far."""

    def __init__(self, proposal, roots, withheld):
        # withheld(cut) is how many entries below a cut this reader lacks.
        self.proposal, self.roots, self.withheld = proposal, roots, withheld
        self.text = None
        self.answers = []
        self.aborted = False
        self.released = None
        self.verdict = None
        self.refused = []
        # What each release came to where it stands, by sid: a verdict, or why there is none.
        self.judged = {}

    def take(self, statement):
        """Phases, rules 2 to 6."""
        kind, body = statement["kind"], statement["body"]
        if kind == "callout.text" and body["proposal"] == self.proposal["sid"]:
            self.freeze(statement)
        elif kind in ("callout.join", "callout.decline", "callout.withdraw"):
            self.answer(statement)
        elif kind == "callout.release":
            self.release(statement)
        elif kind == "callout.abort" and body["proposal"] == self.proposal["sid"]:
            same = statement["exercise"] == self.proposal["exercise"]
            self.aborted = self.aborted or same and not self.ended_at(statement["index"])

    def freeze(self, statement):
        same = statement["exercise"] == self.proposal["exercise"]
        room = statement["body"]["deadline"]["size"] > statement["index"] + 1
        if self.text is None and same and room and not self.ended_at(statement["index"]):
            self.text = statement

    def answer(self, statement):
        if self.text is None:
            return
        if statement["kind"] == "callout.withdraw":
            names = statement["body"]["join"] in [a.sid for a in self.answers if a.kind == "callout.join"]
        else:
            names = statement["body"]["text"] == self.text["sid"]
        if names:
            self.answers.append(Answer(statement))

    def release(self, statement):
        verdict = self.judged.get(statement["sid"]) or self.verdict_on(statement)
        if isinstance(verdict, Failure):
            self.refused.append(verdict.code)
        else:
            self.released, self.verdict = statement, verdict

    def verdict_on(self, statement):
        try:
            return self.judge(statement)
        except Failure as failure:
            return failure

    def ended_at(self, index):
        lapsed = self.text is not None and self.text["body"]["lapse"]["size"] <= index
        return self.aborted or self.released is not None or lapsed

    # Largest set: who counts at a cut

    def may_count(self, answer):
        asked = [*self.proposal["body"]["invitees"], self.proposal["iss"]]
        return answer.exercise == self.text["exercise"] and answer.who in asked

    def last_answers(self, cut):
        """Candidates, steps 1 and 2."""
        here = [a for a in self.answers if a.index < cut and counts(a.statement, cut)]
        return {a.who: a for a in here if self.may_count(a)}

    def candidates(self, cut):
        """Candidates, step 3."""
        return {who: a for who, a in self.last_answers(cut).items() if a.kind == "callout.join"}

    def largest_at(self, cut):
        candidates = self.candidates(cut) if self.text else {}
        return largest_set({who: a.body for who, a in candidates.items()})

    def excluded_at(self, cut):
        """Why a member that has joined is not in the largest set at a cut."""
        inside = self.largest_at(cut)
        joined = sorted({a.who for a in self.answers if a.kind == "callout.join"} - set(inside))
        return {who: self.reason(who, cut) for who in joined}

    def reason(self, who, cut):
        last = self.last_answers(cut).get(who)
        if last is not None:
            reasons = {
                "callout.join": "condition-unmet",
                "callout.withdraw": "withdrawn",
                "callout.decline": "declined",
            }
            return reasons[last.kind]
        mine = [a for a in self.answers if a.who == who]
        if who not in [*self.proposal["body"]["invitees"], self.proposal["iss"]]:
            return "not-invited"
        before = [a for a in mine if a.kind == "callout.join" and a.index < cut]
        if before and not counts(before[-1].statement, cut):
            return "disputed"
        return "after-cut" if any(map(self.may_count, mine)) else "other-exercise"

    # Release

    def judge(self, release):
        """Release, steps 1 to 5: what was shown, and who is named."""
        self.check_before_the_set(release)
        if self.withheld(release["body"]["cut"]["size"]):
            return {"is": "sound", "signatories": self.check_sound(release)}
        return {"is": "largest", "signatories": self.check_largest(release)}

    def check_before_the_set(self, release):
        """Release, steps 1 to 4."""
        index, cut = release["index"], release["body"]["cut"]
        require(self.text is not None, "callout.wrong-phase", "/body/text")
        require(not self.ended_at(index), "callout.wrong-phase")
        require(release["body"]["text"] == self.text["sid"], "callout.wrong-text", "/body/text")
        require(release["exercise"] == self.text["exercise"], "callout.wrong-text", "/exercise")
        deadline = self.text["body"]["deadline"]
        require(cut["size"] >= deadline["size"], "callout.too-early", "/body/cut/size")
        require(release["iat"] >= instant_seconds(deadline["at"]), "callout.too-early", "/iat")
        require(cut["size"] <= index, "callout.wrong-cut", "/body/cut/size")
        require(self.roots.get(cut["size"]) == cut["root"], "callout.wrong-cut", "/body/cut/root")

    def check_largest(self, release):
        """Release, step 5, for a reader of all entries below the cut."""
        listed, cut = release["body"]["joins"], release["body"]["cut"]["size"]
        candidates, names = self.candidates(cut), self.largest_at(cut)
        sids = sorted(candidates[who].sid for who in names)
        for k in range(max(len(sids), len(listed))):
            require(sids[k : k + 1] == listed[k : k + 1], "callout.not-largest", f"/body/joins/{k}")
        return names

    def check_sound(self, release):
        """Release, steps 5 and 6, for a reader for whom some entries are withheld."""
        listed, cut = release["body"]["joins"], release["body"]["cut"]["size"]
        held = {a.sid: a for a in self.answers if a.kind == "callout.join"}
        for k, sid in enumerate(listed):
            require(sid in held, "evidence.missing", f"/body/joins/{k}")
        counting = {a.sid: who for who, a in self.candidates(cut).items()}
        members = {held[sid].who: held[sid].body["positions"] for sid in listed}
        for k, sid in enumerate(listed):
            sound = sid in counting and holds(held[sid].body.get("when"), members)
            require(sound, "callout.not-largest", f"/body/joins/{k}")
        return sorted(members)

    def phase_at(self, size):
        """The phase is the first line that fits."""
        if self.released is not None:
            return "released"
        if not counts(self.proposal, size):
            return "disputed"
        if self.aborted:
            return "aborted"
        if self.text is None:
            return "proposed"
        if size >= self.text["body"]["lapse"]["size"]:
            return "lapsed"
        early = size < self.text["body"]["deadline"]["size"]
        return "collecting" if early or not self.largest_at(size) else "ready"

    def at(self, size):
        cut = self.released["body"]["cut"]["size"] if self.released else size
        named = self.verdict["signatories"] if self.released else self.largest_at(cut)
        return {
            "excluded": self.excluded_at(cut),
            "phase": self.phase_at(size),
            "refused": self.refused,
            "signatories": named,
        }


def fold(statements, roots, withheld=lambda cut: 0):
    """The call-out that the first of these statements proposes, after all of them."""
    proposal, *rest = statements
    callout = CallOut(proposal, roots, withheld)
    for statement in rest:
        callout.take(statement)
    return callout


ANSWERS = ("callout.join", "callout.decline", "callout.withdraw")


def fold_at(statements, size, roots, withheld=lambda cut: 0):
    """Counting: the call-out on a log of this size, where some of its statements may be disputed."""
    judged = {}
    for one in [one for one in statements if one["kind"] == "callout.release"]:
        there = counted_at(statements, one["index"], judged, roots, withheld)
        judged[one["sid"]] = there.verdict_on(one)
    return counted_at(statements, size, judged, roots, withheld)


def counted_at(statements, size, judged, roots, withheld):
    before = [one for one in statements if one["index"] < size]
    held = [one for one in before if not isinstance(judged.get(one["sid"], Failure("")), Failure) and counts(one, size)]
    end, since = (held[-1]["index"], held[-1]["index"]) if held else (size, size)
    callout = CallOut(before[0], roots, withheld)
    callout.judged = judged
    for one in before[1:]:
        if one["index"] < since:
            takes = counts(before[0], end) and (one["kind"] in ANSWERS or counts(one, end))
        else:
            takes = one["kind"] in ANSWERS or counts(one, size)
        if takes:
            callout.take(one)
    return callout
