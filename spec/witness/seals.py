"""Containers: spec/04-statements.md, Sealing, and spec/03-charter.md, Tag key."""

from . import xwing
from .ciphers import concat_kdf, gcm_open, unwrap
from .curves import x25519
from .failure import Failure, renamed, require
from .reading import (
    DISCLOSURE_BYTES_MAX,
    ENCLOSED_MAX,
    RECIPIENTS_MAX,
    SEAL_BYTES_MAX,
    SLOTS_MAX,
    STATEMENT_BYTES_MAX,
    decode,
    decoded_or_none,
    domain,
    encode,
    parsed,
    sha256,
    signed_json,
)
from .shapes import (
    FAULT,
    base64url_of,
    base64url_up_to,
    digest,
    fits,
    list_of,
    one_of,
    optional,
    record,
    sid,
    some_text,
    under,
)

ephemeral = record({"crv": one_of("X25519"), "kty": one_of("OKP"), "x": digest})
SUITES = {"ECDH-ES+A256KW": 1, "A256KW": 2}
HEADERS = {
    1: record({"alg": one_of("ECDH-ES+A256KW"), "epk": optional(ephemeral), "kid": digest}),
    2: record({"alg": one_of("A256KW"), "kid": digest, "xw": base64url_of(1494)}),
}


def header(value, at):
    """A recipient's header is one of two forms; its alg says which."""
    require(isinstance(value, dict), FAULT, at)
    alg = value.get("alg")
    require(isinstance(alg, str) and alg in SUITES, FAULT, under(at, "alg"))
    HEADERS[SUITES[alg]](value, at)


recipient = record({"encrypted_key": base64url_up_to(256), "header": header})
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
    """A held `enc` key: its id, its suite, and its private scalar or the seed of X-Wing."""

    def __init__(self, kid, secret, suite):
        self.kid, self.secret, self.suite = kid, secret, suite


def open_container(jwe, aad, keys):
    """To open a container, steps 1 to 5: the plaintext for an aad of these bytes."""
    renamed("seal.malformed", container, jwe, "")
    suites = {SUITES[one["header"]["alg"]] for one in jwe["recipients"]}
    require(len(suites) == 1, "seal.mixed-suites", "/recipients")
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
    texts = (mine["encrypted_key"], jwe["iv"], jwe["ciphertext"], jwe["tag"])
    parts = [decoded_or_none(text) for text in texts]
    suite = SUITES[mine["header"]["alg"]]
    if None in parts or key.suite != suite:
        return None
    encrypted_key, iv, ciphertext, tag = parts
    wrapping_key = (agreed if suite == 1 else encapsulated)(jwe["protected"], mine["header"], key)
    content_key = wrapping_key and unwrap(wrapping_key, encrypted_key)
    if content_key is None:
        return None
    additional = (jwe["protected"] + "." + jwe["aad"]).encode("ascii")
    return gcm_open(content_key, iv, additional, ciphertext, tag)


def agreed(protected, header, key):
    """Suites, suite 1: by the one epk that is there for this recipient, in its own header or in `protected`."""
    found = [place["epk"] for place in (shared_header(protected), header) if place and "epk" in place]
    if len(found) != 1 or shared_header(protected) is None:
        return None
    secret = x25519(key.secret, decode(found[0]["x"]))
    # A secret of zeros says that the other key was of small order.
    return concat_kdf(secret, "ECDH-ES+A256KW") if any(secret) else None


def encapsulated(protected, header, key):
    """Suites, suite 2."""
    shared, ciphertext = shared_header(protected), decoded_or_none(header["xw"])
    if shared is None or "epk" in shared or ciphertext is None:
        return None
    secret = xwing.decapsulated(key.secret, ciphertext)
    info = domain("kek") + key.kid.encode("ascii") + b"\0" + sha256(ciphertext)
    return None if secret is None else xwing.hkdf(secret, info)


def shared_header(protected):
    """What `protected` holds, in any spelling; None where it is not of the form."""
    octets = decoded_or_none(protected)
    try:
        shared = parsed((octets or b"").decode("utf-8"))
    except (Failure, UnicodeDecodeError):
        return None
    return shared if fits(protected_header, shared) else None


def without_padding(padded):
    """Step 5."""
    plaintext = padded.rstrip(b"\0")
    require(len(padded) in BUCKETS and plaintext.endswith(b"\x80"), "seal.cannot-open")
    return plaintext[:-1]


def text_up_to(most):
    def shape(value, at):
        some_text(value, at)
        require(len(value) <= most, FAULT, at)

    return shape


sealed_content = record({"disclosures": list_of(some_text, 1, SLOTS_MAX), "sid": sid})


def open_sealed_tier(jwe, known_sid, keys):
    """To open a container, steps 1 to 8: the disclosures that it claims to hold."""
    content = signed_json(open_container(jwe, decode(known_sid), keys), "/plaintext")
    renamed("seal.malformed", sealed_content, content, "/plaintext")
    require(content["sid"] == known_sid, "seal.wrong-statement", "/plaintext/sid")
    return content["disclosures"]


sealed_lines = list_of(text_up_to(DISCLOSURE_BYTES_MAX), 0, SLOTS_MAX)
sealed_jws = text_up_to(STATEMENT_BYTES_MAX)
sealed_copy = record({"disclosures": sealed_lines, "jws": sealed_jws})
sealed_statement = record(
    {
        "disclosures": sealed_lines,
        "enclosed": optional(list_of(sealed_copy, 1, ENCLOSED_MAX)),
        "jws": sealed_jws,
    }
)
sealed_cover = record({"cover": some_text})


def open_sealed_statement(jwe, commitment, keys):
    """Sealed statements, to open a container of a sealed entry."""
    content = signed_json(open_container(jwe, decode(commitment), keys), "/plaintext")
    named = content if isinstance(content, dict) else {}
    if "cover" in named:
        renamed("seal.malformed", sealed_cover, content, "/plaintext")
        return {"is": "cover"}
    is_statement = "jws" in named
    shape = sealed_statement if is_statement else sealed_content
    renamed("seal.malformed", shape, content, "/plaintext")
    return {"is": "statement" if is_statement else "lines", **content}


def may_enclose(enclosing, enclosed, held):
    """07-relay, Enclosures, the table."""
    if enclosing["kind"] != "callout.release" or enclosed["lines"] > 0:
        return False
    text = enclosing["body"]["text"]
    proposal = held.get(text, {}).get("proposal")
    return enclosed["sid"] in [text, proposal, *enclosing["body"]["joins"]]


def open_tag_key(tag, keys):
    """03-charter, Tag key, to open it."""
    tag_key = open_container(tag["seal"], tag["commit"].encode("ascii"), keys)
    require(len(tag_key) == 32, "seal.malformed", "/tag")
    require(encode(sha256(domain("tag-key"), tag_key)) == tag["commit"], "seal.malformed", "/tag")
    return tag_key
