"""spec/09-audit.md: an evidence folder, up to its first finding."""

import re

from . import log, release
from .adoption import begin
from .callouts import CallOut
from .failure import Failure, renamed, require
from .handling import TIERS, decide, rank, reader_named
from .kinds import KINDS
from .overtime import fold
from .reading import decode, encode, sha256, signed_json
from .relations import Prefix, check_chain, check_relations, check_seen
from .shapes import FAULT, ascending, digest, line, list_of, member_id, record, sid, size, under, whole
from .statements import verify
from .witnesses import FAMILIES, not_after, not_before, on_family, open_quorum, other_family, read_policy, stands_on

# A decision that holds at the start holds always.
START = {"moment": 0, "size": 0}

# Folder

SID = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
PLAIN = re.compile(f"log/vkey|log/checkpoint|(charter|statements)/{SID}\\.jws|receipts/{SID}\\.tlog-proof|notes/{SID}")


def path(value, at):
    """A row of the table of paths, the manifest's own left out."""
    require(isinstance(value, str), FAULT, at)
    if PLAIN.fullmatch(value):
        return
    try:
        log.read_path(value.removeprefix("log/") if value.startswith("log/") else "")
    except Failure:
        raise Failure(FAULT, at) from None


manifest_shape = record(
    {
        "exported_by": member_id,
        "files": list_of(record({"path": path, "sha256": digest, "size": size}), 0, 2**53),
        "genesis": sid,
        "origin": line,
        "reader": line,
        "root": digest,
        "size": size,
        "v": whole(1, 1),
    }
)


def place(file, at=""):
    """A path of the folder, and after # the place in that file."""
    return f"{file}#{at}" if at else file


def in_file(file, step, *arguments):
    """Runs a procedure of another page on a file, so that its findings name the file."""
    try:
        return step(*arguments)
    except Failure as failure:
        raise Failure(failure.code, place(file, failure.at)) from None


def as_text(octets, at):
    """Every file but the tiles is text."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure("bytes.not-utf8", at) from None


class Folder:
    def __init__(self, files):
        self.files = files
        self.manifest = self.read_manifest()
        self.listed = {one["path"]: one for one in self.manifest["files"]}
        self.seen = set()

    def read_manifest(self):
        """Order, step 1."""
        require("manifest.json" in self.files, "evidence.bad-manifest", "manifest.json")
        try:
            manifest = signed_json(self.files["manifest.json"])
        except Failure:
            raise Failure("evidence.bad-manifest", "manifest.json") from None
        in_file("manifest.json", renamed, "evidence.bad-manifest", manifest_shape, manifest, "")
        paths = [one["path"] for one in manifest["files"]]
        require(ascending(paths), "evidence.bad-manifest", "manifest.json#/files")
        return manifest

    def open(self, name):
        """The bytes of a file, held against its size and digest."""
        octets, listed = self.files.get(name), self.listed.get(name)
        require(octets is not None and listed is not None, "evidence.missing", name)
        same = len(octets) == listed["size"] and encode(sha256(octets)) == listed["sha256"]
        require(same, "evidence.altered", name)
        self.seen.add(name)
        return octets


def slices_in(said):
    return len(said["slices"]["to"]["_sd"]) if "slices" in said else 0


class Opened:
    """An entry whose statement is in the folder."""

    def __init__(self, index, entry, name, copy):
        self.index, self.entry, self.name, self.copy = index, entry, name, copy
        self.envelope = None
        self.lines = {}

    @property
    def said(self):
        return self.envelope.payload

    def addressees(self):
        """Of the slices that are open here."""
        return [who for _, who in self.lines if who is not None]

    @property
    def tier(self):
        return self.said["handling"]["tlp"]

    def summary(self):
        names = ("kind", "iss", "iat", "exercise", "body")
        said = {name: self.said[name] for name in names}
        return {"sid": self.envelope.sid, "index": self.index, "tlp": self.said["handling"]["tlp"], **said}


class Audit:
    def __init__(self, files, pinned, without):
        self.folder = Folder(files)
        self.pinned = pinned
        self.without = without
        self.manifest = self.folder.manifest
        self.reader = self.manifest["reader"]
        self.state = None
        self.opened = {}
        self.verdicts = []

    def run(self):
        """Order, steps 2 to 14, ended by the first finding."""
        for name in sorted(self.folder.files):
            require(name in self.folder.listed or name == "manifest.json", "evidence.unreferenced", name)
        self.read_checkpoint()
        self.read_entries()
        self.read_tiles()
        self.find_lost()
        for index in range(len(self.entries)):
            self.find_statement(index)
        self.begin()
        for index in sorted(self.opened):
            self.check_statement(self.opened[index])
        named = self.state.log_key(self.checkpoint.size)
        require(named == self.vkey, "log.bad-vkey", "log/vkey")
        for index in sorted(self.opened):
            self.check_release(self.opened[index])
        self.check_tiers()
        self.check_uses()
        self.check_notes()
        left = set(self.folder.listed) - self.folder.seen
        require(not left, "evidence.unreferenced", min(left, default=""))
        return self.report()

    def read_checkpoint(self):
        """Step 3."""
        self.vkey = as_text(self.folder.open("log/vkey"), "log/vkey")
        self.note = as_text(self.folder.open("log/checkpoint"), "log/checkpoint")
        origin = self.manifest["origin"]
        if self.without == "ed25519":
            text, _ = in_file("log/checkpoint", log.read_note, self.note)
            self.checkpoint = in_file("log/checkpoint", log.checkpoint_in, text, origin)
        else:
            in_file("log/vkey", log.read_vkey, self.vkey)
            self.checkpoint = in_file("log/checkpoint", log.open_checkpoint, self.note, origin, self.vkey)
        same_size = self.checkpoint.size == self.manifest["size"]
        require(same_size, "evidence.bad-manifest", "manifest.json#/size")
        same_root = encode(self.checkpoint.root) == self.manifest["root"]
        require(same_root, "evidence.bad-manifest", "manifest.json#/root")

    def read_entries(self):
        """Step 4."""
        self.octets, self.entries, self.commitments = [], [], set()
        for name, width in log.tiles_of(self.checkpoint.size)[1]:
            name = "log/" + name
            for octets in in_file(name, log.read_bundle, self.folder.open(name), width):
                self.take_entry(name, octets)
        self.leaves = [log.leaf_hash(octets) for octets in self.octets]
        require(log.root_of(self.leaves) == self.checkpoint.root, "log.bad-tile", "log/tile/entries")
        sizes = range(len(self.leaves) + 1)
        self.roots = {size: encode(log.root_of(self.leaves[:size])) for size in sizes}

    def take_entry(self, name, octets):
        entry = in_file(name, log.read_entry, octets)
        if entry[0] == "sealed":
            require(entry[1] not in self.commitments, "statement.duplicate", name)
            self.commitments.add(entry[1])
        self.octets.append(octets)
        self.entries.append(entry)

    def read_tiles(self):
        """Step 5."""
        hashes = self.leaves
        for tiles in log.tiles_of(self.checkpoint.size)[0]:
            for at, (name, width) in enumerate(tiles):
                octets = self.folder.open("log/" + name)
                require(octets == b"".join(hashes[256 * at : 256 * at + width]), "log.bad-tile", "log/" + name)
            full = range(0, len(hashes) - len(hashes) % 256, 256)
            hashes = [log.root_of(hashes[first : first + 256]) for first in full]

    # Step 6

    def find_lost(self):
        """Step 6: a listed statement file that opens no entry is there, as it is listed."""
        open_sids = {sid_of(entry[1]) for entry in self.entries if entry[0] == "open"}
        found = self.by_commitment()
        opening = {found.get(entry[1]) for entry in self.entries if entry[0] == "sealed"}
        for name in sorted(self.folder.listed):
            if name.endswith(".jws") and sid_in(name) not in open_sids and name not in opening:
                self.folder.open(name)
                self.folder.seen.discard(name)

    def find_statement(self, index):
        """Step 6: the statement file that opens an entry, and its receipt."""
        entry = self.entries[index]
        if entry[0] == "open":
            known = sid_of(entry[1])
            name = f"{folder_of(entry[1])}/{known}.jws"
        else:
            name = self.by_commitment().get(entry[1])
            if name is None:
                return
            known = sid_in(name)
        copy = as_text(self.folder.open(name), name)
        require(entry[0] == "sealed" or copy.split("~")[0] == entry[1], "log.entry-mismatch", name)
        self.opened[index] = Opened(index, self.octets[index], name, copy)
        self.check_receipt(index, f"receipts/{known}.tlog-proof")

    def by_commitment(self):
        """The statement files by the C of the sealed entry that each would have."""
        found = {}
        for name in self.folder.listed:
            if name.endswith(".jws") and name in self.folder.files:
                jws = self.folder.files[name].decode("utf-8", "replace").split("~")[0]
                if log.COMPACT_JWS.fullmatch(jws.encode("utf-8")):
                    found[commitment_of(sid_in(name), jws)] = name
        return found

    def check_receipt(self, index, name):
        entry = self.entries[index]
        extra = entry[2] if entry[0] == "sealed" else None
        proof = log.inclusion_proof(self.leaves, index)
        expected = log.written_receipt(extra, index, proof, self.note)
        require(as_text(self.folder.open(name), name) == expected, "log.bad-proof", name)

    # Steps 7 to 10

    def begin(self):
        """Step 7."""
        require(0 in self.opened, "charter.not-genesis", "log/tile/entries")
        first = self.opened[0]
        self.state = in_file(first.name, begin, first.copy)
        pinned = self.pinned is None or self.state.genesis == self.pinned
        require(pinned, "charter.not-genesis", "manifest.json")
        named = self.state.genesis == self.manifest["genesis"]
        require(named, "charter.not-genesis", "manifest.json#/genesis")
        relay = self.state.charter["relay"]
        require(relay["origin"] == self.manifest["origin"], "log.wrong-origin", "manifest.json#/origin")
        self.holder = folder_reader(self.reader, self.state)
        require(self.holder is not None, "evidence.bad-manifest", "manifest.json#/reader")

    def check_statement(self, one):
        """Steps 8 to 10, at one index."""
        one.envelope, one.lines = in_file(one.name, verify, one.copy, self.state, one.index)
        in_file(one.name, log.entry_stands_for, one.entry, one.envelope.jws, b"")
        form = "open" if one.tier == "clear" else "sealed"
        require(self.entries[one.index][0] == form, "log.bad-entry", one.name)
        right = one.name == f"{folder_for(one.said['kind'])}/{one.envelope.sid}.jws"
        require(right, "evidence.unreferenced", one.name)
        in_file(one.name, self.check_place, one)
        in_file(one.name, self.check_lines, one)

    def unopened(self, first, last):
        """How many entries at indices in [first, last) have no statement in the folder."""
        return sum(index not in self.opened for index in range(first, last))

    def check_place(self, one):
        """Step 9."""
        before = [self.opened[index] for index in sorted(self.opened) if index < one.index]
        prefix = Prefix([other.summary() for other in before], [], self.roots)
        require(prefix.get(one.envelope.sid) is None, "statement.duplicate")
        self.check_references(one, prefix)
        check_relations(one.said, prefix, self.state)
        self.check_chain(one, before)
        check_seen(one.said, self.roots, one.index)
        fold(self.state, one.envelope, one.index)

    def check_references(self, one, prefix):
        """Step 9.2."""
        refs = KINDS[one.said["kind"]].refs(one.said["body"])
        missing = {ref for _, ref, _ in refs if prefix.get(ref) is None}
        enough = self.unopened(0, one.index) >= len(missing)
        for at, ref, kind in refs:
            found = prefix.get(ref)
            fits = enough if found is None else kind in (None, found["kind"])
            require(fits, "statement.unknown-ref", "/body" + at)

    def check_chain(self, one, before):
        """Step 9.3."""
        chain = one.said["chain"]
        mine = [o for o in before if o.said["iss"] == one.said["iss"] and o.said["chain"]["id"] == chain["id"]]
        head = mine[-1] if mine else None
        next_number = head.said["chain"]["seq"] + 1 if head else 0
        if chain["seq"] <= next_number:
            check_chain(chain, {"seq": next_number - 1, "sid": head.envelope.sid} if head else None)
            return
        between = self.unopened(head.index + 1 if head else 0, one.index)
        require(between >= chain["seq"] - next_number, "statement.chain-broken", "/chain")
        require(not self.may_see(one, one.said["handling"], START), "evidence.missing", "/chain")

    def may_see(self, one, it, at=None):
        """Whether whoever holds the folder may see it: at the start, or by size at the end."""
        coa = self.state.genesis
        subject = {"coa": coa, "handling": it, "iss": one.said["iss"]}
        return decide(subject, self.holder, "see", at or self.end())[1] == "allow"

    def end(self):
        return {"moment": float("inf"), "size": self.checkpoint.size}

    def check_lines(self, one):
        """Step 10."""
        for label in sorted(one.said["tear"]):
            at = under("/tear", label)
            slot = one.said["tear"][label]
            require((label, None) in one.lines or not self.may_see(one, slot, START), "evidence.missing", at)
        for who in one.addressees():
            it = {**one.said["slices"]["handling"], "releasable_to": [who]}
            require(self.may_see(one, it), "evidence.above-tier", under("/slices", who))

    # Steps 11 and 12

    def find(self, sid, kind):
        """The opened statement of this sid and kind, or None."""
        for one in self.opened.values():
            if one.envelope.sid == sid and one.said["kind"] == kind:
                return one
        return None

    def proposal_of(self, one):
        """The proposal of the call-out that a statement belongs to, or None where the way to it is withheld."""
        kind, body = one.said["kind"], one.said["body"]
        if kind == "callout.withdraw":
            join = self.find(body["join"], "callout.join")
            return self.proposal_of(join) if join else None
        if kind in ("callout.join", "callout.decline", "callout.release"):
            text = self.find(body["text"], "callout.text")
            return self.proposal_of(text) if text else None
        if kind in ("callout.text", "callout.abort"):
            return self.find(body["proposal"], "callout.propose")
        return None

    def check_release(self, release):
        """Step 11."""
        if release.said["kind"] != "callout.release":
            return
        proposal = self.proposal_of(release)
        require(proposal is not None, "evidence.missing", place(release.name, "/body/text"))
        callout = CallOut(proposal.summary(), self.roots, lambda cut: self.unopened(0, min(cut, len(self.entries))))
        for index in sorted(self.opened):
            if index < release.index and self.proposal_of(self.opened[index]) is proposal:
                callout.take(self.opened[index].summary())
        verdict = in_file(release.name, callout.judge, release.summary())
        self.verdicts.append((release, proposal, verdict))

    def check_tiers(self):
        """Step 12: above `reader` there is only what has been opened or granted since. Every release can be followed here:
        one that cannot has ended the audit at step 11, and a file that is lost at step 6."""
        ones = [self.opened[index] for index in sorted(self.opened)]
        latest = max(one.said["iat"] for one in ones)
        control = release.Control([one.summary() for one in ones], {"size": self.checkpoint.size, "moment": latest})
        control.now = self.end()
        released = self.released()
        for one in ones:
            marked = {"claims": one.said, "sid": one.envelope.sid}
            for part in control.parts(marked, released.get(one.envelope.sid), self.reader, None):
                slot = part["slot"]
                shown = slot is None or (slot, None) in one.lines
                may_stand = not shown or decide(part, self.holder, "see", self.end())[1] == "allow"
                require(may_stand, "evidence.above-tier", one.name if slot is None else place(one.name, under("/tear", slot)))

    def released(self, before=float("inf")):
        """By sid, the least restricted tier to which a release that the reader may see has opened it."""
        tiers = {}
        for given, proposal, _ in (one for one in self.verdicts if one[0].index < before):
            it = given.said["handling"]
            if "releasable_to" in it or not self.may_see(given, it):
                continue
            body = given.said["body"]
            for ref in (proposal.envelope.sid, body["text"], *body["joins"]):
                tiers[ref] = min(tiers.get(ref, "red"), it["tlp"], key=rank)
        return tiers

    def check_uses(self):
        """Step 13."""
        ones = [self.opened[index] for index in sorted(self.opened)]
        control = release.Control([one.summary() for one in ones], {"size": self.checkpoint.size, "moment": float("inf")})
        held = {one.envelope.sid for one in ones}
        for one in ones:
            if one.envelope.sid in control.refused and one.said["body"]["grant"] in held:
                raise Failure("release.no-grant", place(one.name, "/body/grant"))
        for one in ones:
            if one.said["kind"] == "resend":
                self.check_resend(one, control, ones)

    def check_resend(self, one, control, ones):
        """Step 13, of what another than its originator sends again. No file is lost here: that ended the audit before."""
        about = next((other for other in ones if other.envelope.sid == one.said["body"]["sid"]), None)
        if about is None:
            return
        whole = self.unopened(0, one.index) == 0
        released = self.released(one.index).get(about.envelope.sid)
        marked = {"claims": about.said, "sid": about.envelope.sid}
        chosen = (lambda name: True) if whole else (lambda name: name == self.reader)
        sent = {**one.summary(), "handling": one.said["handling"]}
        in_file(one.name, release.check_resend, control, sent, marked, released, self.state, chosen)

    def check_notes(self):
        """Step 14: the quorum over the folder's log, and the notes that say when its statements were made."""
        self.policy, self.notes = None, []
        if "policy" not in self.state.charter:
            require(self.without != "ed25519", "log.no-quorum", "log/checkpoint")
            return
        self.policy = read_policy(self.state.charter["policy"])
        if self.without is not None:
            self.policy = on_family(self.policy, other_family(self.without))
            require(self.policy is not None, "log.no-quorum", "log/checkpoint")
        head = self.take_note("log/checkpoint", self.note, in_file)
        for name in sorted(self.folder.listed):
            if name.startswith("notes/"):
                text = as_text(self.folder.open(name), name)
                require(encode(sha256(text.encode())) == name.removeprefix("notes/"), "evidence.altered", name)
                self.take_note(name, text, in_file if self.without is None else if_it_counts)
        origin = self.manifest["origin"]
        self.trust = {
            "cosigned": head[1],
            "ifEd25519Falls": self.standing("ml-dsa-44"),
            "standsOn": [one for one in FAMILIES if stands_on(self.note, self.policy, origin, one)],
        }

    def take_note(self, name, text, opening):
        opened = opening(name, open_quorum, text, self.policy, self.manifest["origin"])
        if opened is None:
            return None
        checkpoint, cosigned = opened
        same = checkpoint.size < len(self.roots) and self.roots[checkpoint.size] == encode(checkpoint.root)
        require(same, "log.forked", name)
        self.notes.append((encode(sha256(text.encode())), checkpoint, cosigned, text))
        return checkpoint, cosigned

    def standing(self, family):
        """14-witnesses, Families: until when."""
        left, origin = on_family(self.policy, family), self.manifest["origin"]
        standing = [note for note in self.notes if stands_on(note[3], self.policy, origin, family)]
        if not standing:
            return None
        size = max(note[1].size for note in standing)
        return {"at": min(not_after(left, note[2]) for note in standing if note[1].size == size), "size": size}

    def times(self, one):
        """14-witnesses, Time."""
        if self.policy is None:
            return {}
        seen = one.said["seen"] or {"note": None, "size": None}
        named = [note for note in self.notes if (note[0], note[1].size) == (seen["note"], seen["size"])]
        after = [not_after(self.policy, note[2]) for note in self.notes if note[1].size > one.index]
        bounds = {"notBefore": not_before(self.policy, named[0][2])} if named else {}
        return {**bounds, "notAfter": min(after)} if after else bounds

    def report(self):
        """Report, as far as the vectors ask."""
        ones = [self.opened[index] for index in sorted(self.opened)]
        return {
            "reader": self.manifest["reader"],
            "size": self.checkpoint.size,
            **({"trust": self.trust} if self.policy else {}),
            "withheld": {
                "entries": self.unopened(0, len(self.entries)),
                "slices": sum(slices_in(one.said) - len(one.addressees()) for one in ones),
                "slots": sum(len(one.said["tear"]) + len(one.addressees()) - len(one.lines) for one in ones),
            },
            "statements": [
                {
                    "index": one.index,
                    "sid": one.envelope.sid,
                    "iss": one.said["iss"],
                    "kid": one.envelope.header["kid"],
                    **self.times(one),
                }
                for one in ones
            ],
            "releases": [
                {"sid": release.envelope.sid, "verdict": verdict["is"], "signatories": verdict["signatories"]}
                for release, _, verdict in self.verdicts
            ],
        }


def folder_reader(name, state):
    """Whom a folder is for: a tier by its own word, any other reader by its name."""
    if name in TIERS:
        return reader_named(f"tlp:{name}", state)
    return None if name.startswith("tlp:") else reader_named(name, state)


def sid_of(jws):
    return encode(sha256(jws.rpartition(".")[0].encode("ascii")))


def sid_in(name):
    return name.split("/")[1].removesuffix(".jws")


def commitment_of(sid, jws):
    try:
        return log.commitment(decode(sid), decode(jws.rpartition(".")[2]))
    except Failure:
        return None


def folder_for(kind):
    return "charter" if kind == "charter.adopt" else "statements"


def folder_of(jws):
    """Where the file of an open entry stands, before anything it says has been verified."""
    try:
        payload = signed_json(decode(jws.split(".")[1]))
    except Failure:
        return "statements"
    return folder_for(payload.get("kind")) if isinstance(payload, dict) else "statements"


def if_it_counts(_, opening, *given):
    """Without a family: what does not count by the other is left out."""
    try:
        return opening(*given)
    except Failure:
        return None


def audit(files, pinned, without=None):
    return Audit(files, pinned, without).run()
