"""spec/06-log.md: entries, tree, tiles, checkpoints, consistency, proofs, receipts."""

import hmac
import re

from .curves import ed25519_holds
from .failure import Failure, require
from .reading import (
    ENTRY_BYTES_MAX,
    INTEGER_MAX,
    NOTE_BYTES_MAX,
    NOTE_SIGNATURES_MAX,
    PROOF_HASHES_MAX,
    decode,
    domain,
    padded,
    padded_or_none,
    sha256,
)

COMPACT_JWS = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
EMPTY_ROOT = sha256()

# Entries


def read_entry(octets):
    """("open", jws) or ("sealed", C, T)."""
    require(1 <= len(octets) <= ENTRY_BYTES_MAX, "log.bad-entry")
    form, rest = octets[0], octets[1:]
    if form == 0x02 and COMPACT_JWS.fullmatch(rest):
        return ("open", rest.decode("ascii"))
    if form == 0x01 and len(rest) == 64:
        return ("sealed", rest[:32], rest[32:])
    raise Failure("log.bad-entry")


def commitment(sid, signature):
    return sha256(domain("leaf"), sid, sha256(signature))


def tag(tag_key, c, kid):
    return hmac.new(tag_key, domain("tag") + c + kid, "sha256").digest()


def sealed_entry(sid, signature, tag_key, kid):
    c = commitment(sid, signature)
    return b"\x01" + c + tag(tag_key, c, kid)


def entry_stands_for(octets, jws, kid, tag_key=None):
    """To check that an entry stands for a statement whose signature has been verified."""
    entry = read_entry(octets)
    if entry[0] == "open":
        require(entry[1] == jws, "log.entry-mismatch", "jws")
        return
    signed, _, signature = jws.rpartition(".")
    c = commitment(sha256(signed.encode("ascii")), decode(signature))
    require(entry[1] == c, "log.entry-mismatch", "commitment")
    if tag_key is not None:
        require(entry[2] == tag(tag_key, c, kid), "log.entry-mismatch", "tag")


# Tree: RFC 6962 section 2.1


def leaf_hash(entry):
    return sha256(b"\0", entry)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def root_of(leaves):
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    # The left tree is the largest complete one that leaves something to the right.
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


# Proofs


def path_length(index, size):
    """How many hashes an inclusion proof of this index has at this size: RFC 6962 section 2.1.1."""
    length = 0
    while size > 1:
        split = 1 << (size - 1).bit_length() - 1
        index, size = (index, split) if index < split else (index - split, size - split)
        length += 1
    return length


def root_by_path(leaf, index, size, proof):
    if size == 1:
        return leaf
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node_hash(root_by_path(leaf, index, split, proof[:-1]), proof[-1])
    return node_hash(proof[-1], root_by_path(leaf, index - split, size - split, proof[:-1]))


def inclusion_proof(leaves, index):
    """The proof of an index in the log of these leaf hashes, from the leaf to the root."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def check_inclusion(leaf, index, size, proof, root):
    well_formed = 0 <= index < size <= INTEGER_MAX and all(len(h) == 32 for h in [leaf, root, *proof])
    require(well_formed and len(proof) == path_length(index, size), "log.bad-proof", "proof")
    require(root_by_path(leaf, index, size, proof) == root, "log.bad-proof", "proof")


# Consistency


def check_consistency(known, following, proof):
    """Consistency, steps 1 to 3, for checkpoints as (origin, size, root)."""
    require(known.origin == following.origin, "log.wrong-origin", "origin")
    require(known.size <= following.size, "log.went-back")
    if known.size == following.size:
        require(not proof and known.root == following.root, "log.forked")
    elif known.size == 0:
        require(not proof and known.root == EMPTY_ROOT, "log.forked")
    else:
        remaining = list(proof)
        roots = roots_by_proof(known.size, following.size, remaining, known.root, True)
        require(roots == (known.root, following.root) and not remaining, "log.forked")


def roots_by_proof(old, new, proof, known_root, complete):
    """RFC 6962 section 2.1.2, read backwards: the old root and the new one that the proof leads to.

    `complete` says that the old tree is still the one whose root the verifier knows, so the proof leaves it out.
    """
    if old == new:
        root = known_root if complete else taken(proof)
        return (root, root)
    split = 1 << (new - 1).bit_length() - 1
    if old <= split:
        old_root, left = roots_by_proof(old, split, proof, known_root, complete)
        return (old_root, node_hash(left, taken(proof)))
    old_right, new_right = roots_by_proof(old - split, new - split, proof, known_root, False)
    left = taken(proof)
    return (node_hash(left, old_right), node_hash(left, new_right))


def taken(proof):
    """The next hash of the proof: it lists them from the leaves to the root."""
    require(proof and len(proof[0]) == 32, "log.forked")
    return proof.pop(0)


# Tiles

PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def read_path(path):
    """(level or "entries", index, width)."""
    match = PATH.fullmatch(path)
    require(match, "log.bad-path")
    level, groups, width = match.groups()
    level = level if level == "entries" else int(level)
    index = int(groups.replace("/", "").replace("x", ""))
    width = 256 if width is None else int(width)
    known = (level == "entries" or level <= 63) and index <= INTEGER_MAX
    require(known and tile_path(level, index, width) == path, "log.bad-path")
    return (level, index, width)


def tile_path(level, index, width):
    """As C2SP tlog-tiles spells it: three digits a group, all but the last with an x, partial tiles with a width."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")


def level_tiles(level, count):
    """The tiles of `count` hashes or entries, as (path, width)."""
    widths = [min(256, count - first) for first in range(0, count, 256)]
    return [(tile_path(level, index, width), width) for index, width in enumerate(widths)]


def tiles_of(size):
    """Tiles: the tiles that a reader of a whole log takes, by level, then the entry bundles."""
    levels, level = [], 0
    while size >> 8 * level > 0:
        levels.append(level_tiles(level, size >> 8 * level))
        level += 1
    return levels, level_tiles("entries", size)


def paths_of(size):
    levels, bundles = tiles_of(size)
    return [path for tiles in [*levels, bundles] for path, _ in tiles]


def read_bundle(octets, width):
    entries, at = [], 0
    for _ in range(width):
        require(at + 2 <= len(octets), "log.bad-tile")
        length = int.from_bytes(octets[at : at + 2], "big")
        require(at + 2 + length <= len(octets), "log.bad-tile")
        entries.append(octets[at + 2 : at + 2 + length])
        at += 2 + length
    require(at == len(octets), "log.bad-tile")
    return entries


def check_tiles(size, root, files):
    """Tiles, steps 1 to 3, for the tiles of a log."""
    below = None
    for tiles in tiles_of(size)[0]:
        hashes = []
        for path, width in tiles:
            octets = files.get(path)
            require(octets is not None and len(octets) == 32 * width, "log.bad-tile", path)
            here = [octets[at : at + 32] for at in range(0, len(octets), 32)]
            if below is not None:
                first = len(hashes)
                above = [root_of(below[256 * (first + i) : 256 * (first + i + 1)]) for i in range(width)]
                require(here == above, "log.bad-tile", path)
            hashes += here
        leaves = hashes if below is None else leaves
        below = hashes
    require(root_of(leaves if size else []) == root, "log.bad-tile", "root")


# Checkpoint


class Checkpoint:
    def __init__(self, origin, size, root):
        self.origin, self.size, self.root = origin, size, root


def read_vkey(vkey, code="log.bad-vkey", at=""):
    """Checkpoint, step 1: (name, id, key) of `name+id+base64(0x01 ‖ key)`."""
    name, plus, rest = vkey.partition("+")
    key_id, second_plus, encoded = rest.partition("+")
    octets = padded_or_none(encoded) or b""
    formed = name_is_plain(name) and plus and second_plus and len(octets) == 33 and octets[0] == 0x01
    require(formed and key_id == sha256(name.encode(), b"\n", octets)[:4].hex(), code, at)
    return (name, bytes.fromhex(key_id), octets[1:])


def name_is_plain(name):
    """A key name of a C2SP signed note: not empty, no space of Unicode, no plus."""
    return name != "" and "+" not in name and not any(c.isspace() for c in name)


def open_note(note, vkey):
    """Checkpoint, steps 1 to 3: the text, once the log's key has signed it."""
    name, key_id, key = read_vkey(vkey)
    text, signatures = read_note(note)
    mine = [signature for who, which, signature in signatures if (who, which) == (name, key_id)]
    require(mine and ed25519_holds(key, text.encode("utf-8"), mine[0]), "log.bad-signature")
    return text


def read_note(note):
    """Checkpoint, step 2: the text and the signature lines."""
    require(len(note.encode("utf-8", "surrogatepass")) <= NOTE_BYTES_MAX, "log.bad-note")
    require(not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", note), "log.bad-note")
    text, blank, lines = note.rpartition("\n\n")
    require(blank and lines.endswith("\n"), "log.bad-note")
    lines = lines[:-1].split("\n")
    require(len(lines) <= NOTE_SIGNATURES_MAX, "log.bad-note")
    signatures = [read_signature_line(line) for line in lines]
    names = [(name, key_id) for name, key_id, _ in signatures]
    require(len(set(names)) == len(names), "log.bad-note")
    return text + "\n", signatures


def read_signature_line(line):
    parts = line.split(" ")
    require(len(parts) == 3 and parts[0] == "—" and name_is_plain(parts[1]), "log.bad-note")
    octets = padded_or_none(parts[2])
    require(octets is not None and len(octets) > 4, "log.bad-note")
    return (parts[1], octets[:4], octets[4:])


def size_or_none(text):
    """The grammar of sizes, up to 2^53 − 1."""
    return int(text) if SIZE.fullmatch(text) and int(text) <= INTEGER_MAX else None


def hash_or_none(text):
    octets = padded_or_none(text)
    return octets if octets is not None and len(octets) == 32 else None


def open_checkpoint(note, origin, vkey):
    """Checkpoint, steps 1 to 6."""
    return checkpoint_in(open_note(note, vkey), origin)


def checkpoint_in(text, origin):
    """The three lines of a note of this log, whoever has signed it."""
    lines = text[:-1].split("\n")
    require(len(lines) == 3, "log.bad-checkpoint")
    require(lines[0] != "", "log.bad-checkpoint", "origin")
    size, root = size_or_none(lines[1]), hash_or_none(lines[2])
    require(size is not None, "log.bad-checkpoint", "size")
    require(root is not None, "log.bad-checkpoint", "root")
    require(lines[0] == origin, "log.wrong-origin", "origin")
    require(size > 0 or root == EMPTY_ROOT, "log.bad-checkpoint", "root")
    return Checkpoint(origin, size, root)


# Receipts


class Receipt:
    def __init__(self, extra, index, proof, checkpoint):
        self.extra, self.index, self.proof, self.checkpoint = extra, index, proof, checkpoint


def read_receipt(receipt):
    """Receipts: to read one."""
    require(len(receipt) <= NOTE_BYTES_MAX + 4096, "log.bad-receipt")
    head, blank, checkpoint = receipt.partition("\n\n")
    lines = head.split("\n")
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1" and blank, "log.bad-receipt", "header")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = hash_or_none(lines.pop(0)[len("extra ") :])
        require(extra is not None, "log.bad-receipt", "extra")
    has_index = lines and lines[0].startswith("index ")
    index = size_or_none(lines.pop(0)[len("index ") :]) if has_index else None
    require(index is not None, "log.bad-receipt", "index")
    proof = [hash_or_none(line) for line in lines]
    require(len(proof) <= PROOF_HASHES_MAX and None not in proof, "log.bad-receipt", "proof")
    return Receipt(extra, index, proof, checkpoint)


def written_receipt(extra, index, proof, note):
    """The one receipt that a tree and a checkpoint give."""
    lines = ["c2sp.org/tlog-proof@v1"]
    lines += [] if extra is None else ["extra " + padded(extra)]
    return "\n".join([*lines, f"index {index}", *map(padded, proof), "", note])


def check_receipt(text, octets, origin, vkey):
    """Receipts: to read one, and to verify it for an entry."""
    receipt = read_receipt(text)
    entry = read_entry(octets)
    require(receipt.extra == (entry[2] if entry[0] == "sealed" else None), "log.bad-receipt", "extra")
    checkpoint = open_checkpoint(receipt.checkpoint, origin, vkey)
    check_inclusion(leaf_hash(octets), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return receipt, checkpoint
