"""spec/03-charter.md, Adoption: the genesis statement, and the adoptions after it."""

from .charter import State, check_rules
from .failure import require
from .reading import GENESIS_BYTES_MAX
from .statements import STATEMENT_TYPE, check_claims, read_envelope, split_copy, verify


def begin(copy, pinned=None):
    """To verify the genesis statement, steps 1 to 8: the charter state at index 1."""
    jws, _ = split_copy(copy)
    envelope = read_envelope(jws, STATEMENT_TYPE, GENESIS_BYTES_MAX)
    said = envelope.payload
    check_claims(said)
    require(said["kind"] == "charter.adopt", "charter.not-genesis", "/kind")
    require("charter" in said["body"], "charter.not-genesis", "/body")
    check_rules(said["body"]["charter"], "/body/charter")
    state = State(said["body"]["charter"], envelope.sid)
    state.adopt(said["iss"], 0)
    verify(copy, state, 0)
    require(pinned is None or envelope.sid == pinned, "charter.not-genesis")
    return state


def adopt(state, copy, index):
    """A later adoption: verified as any statement, and then it counts."""
    envelope, _ = verify(copy, state, index)
    require(envelope.payload["kind"] == "charter.adopt", "charter.not-genesis", "/kind")
    state.adopt(envelope.payload["iss"], index)
