"""spec/07-relay.md, Authentication: a request proof."""

from .failure import require
from .reading import encode, sha256
from .shapes import FAULT, digest, one_of, record, seconds, some_text
from .statements import REQUEST_TYPE, check_signer, read_envelope

WINDOW = 60

def target(value, at):
    require(isinstance(value, str) and len(value) <= 2048, FAULT, at)


claims = record(
    {
        "aud": some_text,
        "bh": digest,
        "htm": one_of("GET", "POST"),
        "htu": target,
        "iat": seconds,
        "jti": digest,
    }
)


def check_request(proof, request, state, index, now):
    """Who asks: the member, its key, and the jti that must not come twice."""
    envelope = read_envelope(proof, REQUEST_TYPE)
    member, key = check_signer(envelope, state, index, ("auth",))
    said = envelope.payload
    claims(said, "")
    require(said["aud"] == request["aud"], "auth.wrong-request", "/aud")
    named = (said["htm"], said["htu"]) == (request["htm"], request["htu"])
    require(named, "auth.wrong-request", "/htu")
    require(abs(said["iat"] - now) <= WINDOW, "auth.stale", "/iat")
    require(said["bh"] == encode(sha256(request["body"].encode("utf-8"))), "auth.wrong-request", "/bh")
    return {"jti": said["jti"], "kid": key["kid"], "member": member}
