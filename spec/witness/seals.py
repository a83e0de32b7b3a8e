"""Containers: spec/04-statements.md, Sealing, and spec/03-charter.md, Tag key."""

from .ciphers import concat_kdf, gcm_open, unwrap
from .curves import x25519
from .failure import Failure, renamed, require
from .reading import (
    RECIPIENTS_MAX,
    SEAL_BYTES_MAX,
    SLOTS_MAX,
    decode,
    decoded_or_none,
    domain,
    encode,
    parsed,
    sha256,
    signed_json,
)
from .shapes import base64url_up_to, digest, fits, list_of, one_of, optional, record, sid, some_text

ephemeral = record({"crv": one_of("X25519"), "kty": one_of("OKP"), "x": digest})
recipient = record(
    {
        "encrypted_key": base64url_up_to(256),
        "header": record({"alg": one_of("ECDH-ES+A256KW"), "epk": optional(ephemeral), "kid": digest}),
    }
)
container = record(
    {
        "aad": base64url_up_to(1024),
        "ciphertext": base64url_up_to(SEAL_BYTES_MAX),
        "iv": base64url_up_to(32),
        "protected": base64url_up_to(256),
        "recipients": list_of(recipient, 1, RECIPIENTS_MAX),
        "tag": base64url_up_to(32),
    }
)
protected_header = record(
    {"enc": one_of("A256GCM"), "epk": optional(ephemeral), "typ": one_of("chancery-seal+jwe")}
)
BUCKETS = [kib * 1024 for kib in (1, 4, 16, 64, 256, 1024)]


class EncKey:
    """A held `enc` key: its id and its private scalar."""

    def __init__(self, kid, secret):
        self.kid, self.secret = kid, secret


def open_container(jwe, aad, keys):
    """To open a container, steps 1 to 5: the plaintext for an aad of these bytes."""
    renamed("seal.malformed", container, jwe, "")
    require(jwe["aad"] == encode(aad), "seal.wrong-statement", "/aad")
    key, mine = recipient_for(jwe["recipients"], keys)
    plaintext = decrypted(jwe, key, mine)
    require(plaintext is not None, "seal.cannot-open")
    return without_padding(plaintext)


def recipient_for(recipients, keys):
    """Step 3: the first key held that is named is the one used."""
    for key in keys:
        for candidate in recipients:
            if candidate["header"]["kid"] == key.kid:
                return key, candidate
    raise Failure("seal.not-for-you", "/recipients")


def decrypted(jwe, key, mine):
    """Step 4: None for whatever does not decrypt."""
    epk = only_epk(jwe["protected"], mine["header"])
    texts = (mine["encrypted_key"], jwe["iv"], jwe["ciphertext"], jwe["tag"])
    parts = [decoded_or_none(text) for text in texts]
    if epk is None or None in parts:
        return None
    encrypted_key, iv, ciphertext, tag = parts
    secret = x25519(key.secret, decode(epk["x"]))
    # A secret of zeros says that the other key was of small order.
    content_key = unwrap(concat_kdf(secret, "ECDH-ES+A256KW"), encrypted_key) if any(secret) else None
    if content_key is None:
        return None
    additional = (jwe["protected"] + "." + jwe["aad"]).encode("ascii")
    return gcm_open(content_key, iv, additional, ciphertext, tag)


def only_epk(protected, header):
    """The one epk that is there for this recipient, in its own header or in `protected`; None where there is not one."""
    octets = decoded_or_none(protected)
    try:
        shared = parsed((octets or b"").decode("utf-8"))
    except (Failure, UnicodeDecodeError):
        return None
    if not fits(protected_header, shared):
        return None
    found = [place["epk"] for place in (shared, header) if "epk" in place]
    return found[0] if len(found) == 1 else None


def without_padding(padded):
    """Step 5."""
    plaintext = padded.rstrip(b"\0")
    require(len(padded) in BUCKETS and plaintext.endswith(b"\x80"), "seal.cannot-open")
    return plaintext[:-1]


sealed_content = record({"disclosures": list_of(some_text, 1, SLOTS_MAX), "sid": sid})


def open_sealed_tier(jwe, known_sid, keys):
    """To open a container, steps 1 to 8: the disclosures that it claims to hold."""
    content = signed_json(open_container(jwe, decode(known_sid), keys), "/plaintext")
    renamed("seal.malformed", sealed_content, content, "/plaintext")
    require(content["sid"] == known_sid, "seal.wrong-statement", "/plaintext/sid")
    return content["disclosures"]


def open_tag_key(tag, keys):
    """03-charter, Tag key, to open it."""
    tag_key = open_container(tag["seal"], tag["commit"].encode("ascii"), keys)
    require(len(tag_key) == 32, "seal.malformed", "/tag")
    require(encode(sha256(domain("tag-key"), tag_key)) == tag["commit"], "seal.malformed", "/tag")
    return tag_key
