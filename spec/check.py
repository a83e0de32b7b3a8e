#!/usr/bin/env python3
"""The second witness: checks every vector with code that was written from these pages alone.

    python3 spec/check.py

prints one line a file and every disagreement, and ends with 1 if there is one, or a check that it does not know.
"""

import json
import sys

sys.dont_write_bytecode = True

from witness.checks import CHECKS, VECTORS  # noqa: E402
from witness.failure import Failure  # noqa: E402


def answer(check, given):
    """What this witness says to a case: ("ok", None, value) or (code, at, None)."""
    try:
        return ("ok", None, check(given))
    except Failure as failure:
        return (failure.code, failure.at, None)
    except Exception as fault:  # A fault of this program is shown as one: it agrees with nothing.
        return (f"{type(fault).__name__}: {fault}", None, None)


def differences(case, said):
    """README, Vectors, rule 2: what is present is compared whole, what is absent is not compared."""
    code, at, value = said
    if code != case["expect"]:
        return [("expect", case["expect"], code)]
    found = []
    if "at" in case and at != case["at"]:
        found.append(("at", case["at"], at))
    if "value" in case and value != case["value"]:
        found.append(("value", case["value"], value))
    return found


def check_file(path):
    """(agreeing, differing, not covered)."""
    name = path.relative_to(VECTORS.parent).as_posix()
    vectors = json.loads(path.read_text(encoding="utf-8"))
    cases = vectors["cases"]
    check = CHECKS.get(vectors["check"])
    if check is None:
        print(f"not covered  {name}  {len(cases)} cases of the check {vectors['check']}")
        return (0, 0, len(cases))
    differing = 0
    for case in cases:
        found = differences(case, answer(check, case["given"]))
        differing += bool(found)
        for what, expected, got in found:
            print(f"differs  {name}  {case['name']}\n  {what}: expected {shown(expected)}, got {shown(got)}")
    if not differing:
        print(f"ok  {name}  {len(cases)} cases")
    return (len(cases) - differing, differing, 0)


def shown(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 300 else text[:300] + "…"


def main():
    counts = [check_file(path) for path in sorted(VECTORS.glob("**/*.json"))]
    agree, differ, uncovered = map(sum, zip(*counts))
    print(f"{agree} agree, {differ} differ, {uncovered} not covered")
    return 1 if differ or uncovered else 0


if __name__ == "__main__":
    sys.exit(main())
