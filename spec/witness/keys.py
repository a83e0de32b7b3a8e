"""Keys and signatures: spec/02-bytes.md, Signatures, and spec/03-charter.md, Keys and Possession."""

import functools

from . import mldsa, xwing
from .curves import P256, P384, ed25519_enrols, ed25519_holds, x25519_enrols
from .failure import require
from .reading import canonical, decode, decoded_or_none, domain, encode, parsed, sha256
from .shapes import FAULT, base64url_up_to, digest, line, one_of, optional, record, under

CURVES = {"EdDSA": "Ed25519", "ES256": "P-256", "ES384": "P-384",
    "ML-DSA-44": "ML-DSA-44", "ECDH-ES+A256KW": "X25519", "X-Wing": "X-Wing"}
SEALING = ("ECDH-ES+A256KW", "X-Wing")
WEIERSTRASS = {"P-256": P256, "P-384": P384}

_coordinate = base64url_up_to(86)
_FORMS = {
    "OKP": record({"crv": one_of("Ed25519", "X25519"), "kty": one_of("OKP"), "x": _coordinate}),
    "EC": record({"crv": one_of("P-256", "P-384"), "kty": one_of("EC"), "x": _coordinate, "y": _coordinate}),
}
_AKP = {"X-Wing": 1622, "ML-DSA-44": 1750}
REQUIRED = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "AKP": ("alg", "kty", "pub")}


def public_key(value, at):
    """A jwk is one of three forms; its type says which."""
    require(isinstance(value, dict), FAULT, at)
    kind = value.get("kty")
    require(isinstance(kind, str) and kind in REQUIRED, FAULT, under(at, "kty"))
    if kind != "AKP":
        return _FORMS[kind](value, at)
    alg = value.get("alg")
    require(isinstance(alg, str) and alg in _AKP, FAULT, under(at, "alg"))
    return record({"alg": one_of(alg), "kty": one_of("AKP"), "pub": base64url_up_to(_AKP[alg])})(value, at)


def family(jwk):
    return jwk["alg" if jwk["kty"] == "AKP" else "crv"]


key_record = record(
    {
        "alg": one_of(*CURVES),
        "jwk": public_key,
        "kid": digest,
        "person": optional(line),
        "proof": optional(base64url_up_to(3227)),
        "use": one_of("root", "sign", "auth", "enc", "witness"),
    }
)


def thumbprint(jwk):
    """Keys, Key id: RFC 7638 with SHA-256."""
    return encode(sha256(canonical({name: jwk[name] for name in REQUIRED[jwk["kty"]]})))


def signature_holds(alg, jwk, message, signature):
    """Signatures: the algorithm is that of the key record, and a key of another curve verifies nothing."""
    if CURVES.get(alg) != family(jwk):
        return False
    x = decoded_or_none(jwk["x"])
    if alg == "EdDSA":
        return x is not None and ed25519_holds(x, message, signature)
    y = decoded_or_none(jwk["y"])
    if alg not in ("ES256", "ES384") or x is None or y is None:
        return False
    return WEIERSTRASS[jwk["crv"]].holds(x, y, message, signature)


def may_enrol(jwk):
    x = decoded_or_none(jwk["pub" if jwk["kty"] == "AKP" else "x"])
    if x is None:
        return False
    if jwk["kty"] == "AKP":
        return xwing.enrols(x) if jwk["alg"] == "X-Wing" else len(x) == mldsa.PUBLIC_KEY_BYTES
    if jwk["crv"] == "Ed25519":
        return ed25519_enrols(x)
    if jwk["crv"] == "X25519":
        return x25519_enrols(x)
    y = decoded_or_none(jwk["y"])
    return y is not None and WEIERSTRASS[jwk["crv"]].decode(x, y) is not None


def enrol(key, member, at=""):
    """Possession, steps 1 to 7."""
    alg, jwk, use = key["alg"], key["jwk"], key["use"]
    require(CURVES[alg] == family(jwk), "charter.bad-key", at + "/alg")
    require((use == "enc") == (alg in SEALING), "charter.bad-key", at + "/use")
    allowed = alg in ("EdDSA", "ML-DSA-44") if use == "witness" else alg != "ML-DSA-44"
    require(allowed, "charter.bad-key", at + "/use")
    require("person" not in key or alg == "X-Wing", "charter.bad-key", at + "/person")
    require(may_enrol_once(canonical(jwk)), "charter.bad-key", at + "/jwk")
    require(key["kid"] == thumbprint(jwk), "charter.bad-key", at + "/kid")
    require(possesses(canonical(key), member), "charter.no-possession", at + "/proof")


# Many vectors enrol the same few keys, and these verdicts depend on the bytes alone.


@functools.lru_cache(maxsize=None)
def may_enrol_once(jwk):
    return may_enrol(parsed(jwk.decode()))


@functools.lru_cache(maxsize=None)
def possesses(key, member):
    key = parsed(key.decode())
    if key["use"] == "enc":
        return "proof" not in key
    signature = decoded_or_none(key.get("proof", ""))
    said = {name: key[name] for name in ("alg", "jwk", "kid", "use")}
    message = domain("possession") + canonical({**said, "member": member})
    if signature is None:
        return False
    if key["alg"] == "ML-DSA-44":
        return mldsa.holds(decode(key["jwk"]["pub"]), message, signature)
    return signature_holds(key["alg"], key["jwk"], message, signature)
