"""The checks of the vectors: what each takes from `given`, the procedure it runs, and the value it answers with.

Bytes are base64url, or hex under the name `hex`; notes, receipts, statements and paths are text (README, Vectors).
"""

import functools
import json
import pathlib

from . import alarms, audit, callouts, log, overtime, release, requests, witnesses, xwing
from .adoption import adopt, begin
from .charter import charter, check_rules
from .convict import convict
from .failure import require
from .handling import decide, reader_named
from .keys import enrol, key_record, signature_holds, thumbprint
from .kinds import check_body, condition, condition_holds_law, refs_of
from .reading import canonical, decode, encode, instant_seconds, signed_json
from .relations import Prefix, check_against_log
from .seals import EncKey, may_enclose, open_container, open_sealed_statement, open_sealed_tier, open_tag_key
from .shapes import FAULT, NAMED, under
from .statements import STATEMENT_TYPE, check_addressee, named_lines, read_disclosures, read_envelope, split_copy, verify

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def octets(text):
    """Bytes of a vector. A vector may hold a hash of the wrong length, never text that is no base64url."""
    return decode(text)


# bytes


def base64url(given):
    return {"hex": decode(given["text"]).hex()}


def instant(given):
    seconds = instant_seconds(given["instant"])
    require(seconds is not None, FAULT)
    return {"seconds": seconds}


def shape(given):
    NAMED[given["shape"]](given["value"], "")


def signature(given):
    alg, jwk = given["alg"], given["jwk"]
    held = signature_holds(alg, jwk, octets(given["message"]), octets(given["signature"]))
    require(held, "statement.bad-signature")


def strict_reading(given):
    return {"text": canonical(signed_json(octets(given["bytes"]))).decode("utf-8")}


def thumbprint_of(given):
    return {"kid": thumbprint(given["jwk"])}


# charter


def enrolment(given):
    key_record(given["key"], "")
    enrol(given["key"], given["member"])
    return {"kid": given["key"]["kid"]}


def charter_laws(given):
    charter(given["charter"], "")
    check_rules(given["charter"])


def state_value(state):
    return {"genesis": state.genesis, "inForceFrom": state.in_force_from}


def genesis(given):
    return state_value(begin(given["copy"], given.get("pinned")))


def adoptions(given):
    state = begin(given["genesis"])
    for adoption in given["adoptions"]:
        adopt(state, adoption["copy"], adoption["index"])
    return {"adopted": state.adopted, **state_value(state)}, state


def folded(given):
    state = begin(given["genesis"])
    for one in given["log"]:
        envelope, _ = verify(one["copy"], state, one["index"])
        overtime.fold(state, envelope, one["index"])
    return state


def amendments_of(given):
    state = folded(given)
    if "late" in given:
        verify(given["late"]["copy"], state, given["late"]["index"])
    now = state.now
    return {
        "absent": now.absent,
        "clearances": {tlp: now.cleared(tlp) for tlp in now.charter["clearances"]},
        "from": now.first,
        "keys": {kid: list(when) for kid, when in state.spans.items() if when != (0, None)},
        "version": {"sid": now.sid, "version": now.number},
        "waiting": sorted(state.proposals),
        **({} if state.closed_from is None else {"closedFrom": state.closed_from}),
    }


def gaps_of(given):
    state, who = folded(given), given["reader"]
    spans = alarms.read_spans(state.eras, who, given["handling"])
    if not spans or spans[-1]["to"] is not None:
        return None
    held = [{**one, "spans": spans} for one in given["held"]]
    found = list(alarms.holes(held, given["unopened"]))
    return {"missing": sum(hole[1] for hole in found), "undecided": sum(hole[2] for hole in found)}


def log_head(given):
    state, note = folded(given), given["note"]
    said = note.rpartition("\n\n")[0].split("\n")
    size = log.size_or_none(said[1]) if len(said) == 3 else None
    vkey = state.now.charter["relay"]["vkey"] if size is None else state.log_key(size)
    read = log.open_checkpoint(note, state.charter["relay"]["origin"], vkey)
    return {"origin": read.origin, "size": read.size, "root": encode(read.root)}


def over_time(given):
    state, asked = folded(given), []
    for ask in given["asks"]:
        tlp, among, moment = ask["tlp"], ask.get("among"), ask["moment"]
        who = overtime.recipients(state, tlp, among, ask["size"], moment)
        asked.append({"recipients": who, "sealable": overtime.sealable(state, tlp, among, ask["size"], moment)})
    return {"asks": asked}


def keys_over_time(given):
    state = folded(given)
    changed = [kid for kid in sorted(state.keys) if kid in state.spans]
    return {"keys": [key_row(state, kid) for kid in changed]}


def disputes(given):
    state, found = folded(given), []
    for ask in given["asks"]:
        (copy,) = [one["copy"] for one in given["log"] if one["index"] == ask["index"]]
        envelope = read_envelope(copy.split("~")[0], STATEMENT_TYPE)
        found.append(overtime.is_disputed(state, overtime.made_of(envelope, ask["index"]), ask["size"]))
    return {"disputed": found}


def key_row(state, kid):
    (who, key), (first, end) = state.keys[kid], state.spans[kid]
    return {"from": first, "kid": kid, "member": who, "to": end, "use": key["use"]}


@functools.lru_cache(maxsize=None)
def named_state(name):
    """A charter that is given by name is the state that the case of this name in charter/adoptions.json ends in."""
    cases = json.loads((VECTORS / "charter" / "adoptions.json").read_text(encoding="utf-8"))["cases"]
    (case,) = [case for case in cases if case["name"] == name]
    return adoptions(case["given"])[1]


# statements and kinds


def envelope(given):
    read = read_envelope(given["jws"], given["typ"])
    return {"alg": read.header["alg"], "kid": read.header["kid"], "sid": read.sid}


def statement(given):
    read, lines = verify(given["copy"], named_state(given["charter"]), given["index"])
    return {"lines": list(named_lines(lines)), "sid": read.sid}


def relations(given):
    state, prefix = named_state(given["charter"]), given["prefix"]
    read, _ = verify(given["copy"], state, given["index"])
    roots = {int(size): root for size, root in prefix["roots"].items()}
    check_against_log(read, Prefix(prefix["statements"], prefix["chains"], roots), state, given["index"])
    return {"sid": read.sid}


def kind_body(given):
    check_body(given["kind"], given["body"])
    return {"refs": refs_of(given["kind"], given["body"])}


# sharing


def tier_copy(given):
    jws, disclosures = split_copy(given["copy"])
    return {"disclosures": disclosures, "jws": jws}


def tear_lines(given):
    lines = read_disclosures(given["claims"], given["disclosures"])
    if "readers" in given:
        check_addressee(lines, given["readers"])
    return named_lines(lines)


def enc_keys(given):
    return [enc_key(key["kid"], key["jwk"]) for key in given["keys"]]


def enc_key(kid, jwk):
    post = jwk["kty"] == "AKP"
    secret = octets(jwk["priv" if post else "d"])
    # The public key of a seed is what this witness makes of it, too.
    assert not post or encode(xwing.public_key(secret)) == jwk["pub"]
    return EncKey(kid, secret, 2 if post else 1)


def seal(given):
    jwe = given["jwe"]
    if "fill" in given:
        jwe = {**jwe, "ciphertext": "A" * given["fill"]}
    return {"hex": open_container(jwe, given["aad"].encode("utf-8"), enc_keys(given)).hex()}


def sealed_tier(given):
    return {"disclosures": open_sealed_tier(given["jwe"], given["sid"], enc_keys(given))}


def sealed_statement(given):
    return open_sealed_statement(given["jwe"], given["commitment"], enc_keys(given))


def enclosure(given):
    return {"may": may_enclose(given["enclosing"], given["enclosed"], given["held"])}


def tag_key(given):
    return {"hex": open_tag_key(given["tag"], enc_keys(given)).hex()}


def clearance(given):
    state = named_state(given["charter"])
    return {"cleared": state.cleared(given["tlp"]), "recipients": overtime.recipients(state, given["tlp"], None, 0, 0)}


def decision(given):
    rule, said = decide(given["subject"], given["reader"], given["action"], given["at"], given.get("towards"))
    return {"decision": said, "rule": rule}


def reader(given):
    return reader_named(given["name"], named_state(given["charter"]))


# log


def log_root(given):
    return {"root": encode(log.root_of([log.leaf_hash(octets(entry)) for entry in given["entries"]]))}


def log_inclusion(given):
    proof = [octets(hash) for hash in given["proof"]]
    log.check_inclusion(octets(given["leaf"]), given["index"], given["size"], proof, octets(given["root"]))


def log_consistency(given):
    known, following = [
        log.Checkpoint(one["origin"], one["size"], octets(one["root"])) for one in (given["known"], given["next"])
    ]
    log.check_consistency(known, following, [octets(hash) for hash in given["proof"]])


def log_note(given):
    return {"text": log.open_note(given["note"], given["vkey"])}


def log_checkpoint(given):
    read = log.open_checkpoint(given["note"], given["origin"], given["vkey"])
    return {"origin": read.origin, "size": read.size, "root": encode(read.root)}


def log_tiles(given):
    if "path" in given:
        level, index, width = log.read_path(given["path"])
        return {"level": level, "index": index, "width": width}
    if "bundle" in given:
        entries = log.read_bundle(octets(given["bundle"]), given["width"])
        return {"entries": [encode(entry) for entry in entries]}
    if "tiles" in given:
        files = {path: octets(tile) for path, tile in given["tiles"].items()}
        return log.check_tiles(given["size"], octets(given["root"]), files)
    return {"paths": log.paths_of(given["size"])}


def log_receipt(given):
    entry = octets(given["entry"])
    receipt, checkpoint = log.check_receipt(given["receipt"], entry, given["origin"], given["vkey"])
    return {"index": receipt.index, "size": checkpoint.size}


def log_entry(given):
    if "sid" in given:
        parts = [octets(given[name]) for name in ("sid", "signature", "tagKey", "kid")]
        return {"entry": encode(log.sealed_entry(*parts))}
    if "jws" in given:
        key = octets(given["tagKey"]) if "tagKey" in given else None
        return log.entry_stands_for(octets(given["entry"]), given["jws"], octets(given["kid"]), key)
    form, *parts = log.read_entry(octets(given["entry"]))
    if form == "open":
        return {"form": form, "jws": parts[0]}
    return {"form": form, "commitment": encode(parts[0]), "tag": encode(parts[1])}


# witnesses


def cosignature(given):
    if "note" in given:
        text, signatures = log.read_note(given["note"])
        origin, size, _ = text[:-1].split("\n")
        return {"at": int.from_bytes(signatures[1][2][:8], "big"), "origin": origin, "size": int(size)}
    origin, size, root = given["checkpoint"][:-1].split("\n")
    checkpoint = log.Checkpoint(origin, int(size), log.hash_or_none(root))
    key = witnesses.read_key(given["key"], (4, 6))
    return {"at": witnesses.check_cosignature(key, checkpoint, log.padded_or_none(given["signature"]))}


def policy(given):
    return witnesses.tolerance(witnesses.read_policy(given["policy"]))


def quorum(given):
    read = witnesses.read_policy(given["policy"])
    checkpoint, cosigned = witnesses.open_quorum(given["note"], read, given["origin"])
    families = ("ed25519", "ml-dsa-44")
    return {
        "cosigned": cosigned,
        "notAfter": witnesses.not_after(read, cosigned),
        "notBefore": witnesses.not_before(read, cosigned),
        "size": checkpoint.size,
        "standsOn": [one for one in families if witnesses.stands_on(given["note"], read, given["origin"], one)],
    }


# call-outs


def call_out_set(given):
    for who, join in given["joins"].items():
        if "when" in join:
            at = under(under("/joins", who), "when")
            condition(join["when"], at)
            require(condition_holds_law(join["when"]), "statement.breaks-law", at)
    return callouts.largest_set(given["joins"])


def roots_of(given):
    return {int(size): root for size, root in given["roots"].items()}


def call_out_phase(given):
    size = given["size"]
    below = [one for one in given["statements"] if one["index"] < size]
    return callouts.fold_at(below, size, roots_of(given)).at(size)


def call_out_release(given):
    *before, release = given["statements"]
    withheld = given.get("withheld", 0)
    return callouts.fold(before, roots_of(given), lambda cut: withheld).judge(release)


# release control


def release_control(given):
    return release.Control(given["statements"], given["at"]).summary()


def release_use(given):
    last = given["statements"][-1]
    require(last["sid"] not in release.Control(given["statements"], given["at"]).refused, "release.no-grant", "/body/grant")
    return {}


def release_facts(given):
    control = release.Control(given["statements"], given["at"])
    return control.parts(given["statement"], given.get("released"), given["reader"], given.get("towards"))


def resend(given):
    state, last = named_state(given["charter"]), given["statements"][-1]
    sent = {**last, "handling": given["handling"]}
    control = release.Control(given["statements"], given["at"])
    who = given.get("member")
    chosen = (lambda name: name.split("/")[0] == who) if who else (lambda name: True)
    release.check_resend(control, sent, given["statement"], given.get("released"), state, chosen)
    return {}


# alarms


def alarms_of(given):
    return alarms.alarms(given["told"], given["strays"], given["owed"], roots_of(given), given["now"], given.get("unopened", ()))


# audit


def audit_folder(given):
    files = {path: octets(text) for path, text in given["files"].items()}
    return audit.audit(files, given.get("genesis"), given.get("without"))


# auth


def auth_request(given):
    state = named_state(given["charter"])
    return requests.check_request(given["proof"], given["request"], state, given["index"], given["now"])


CHECKS = {
    "base64url": base64url,
    "instant": instant,
    "shape": shape,
    "signature": signature,
    "strictReading": strict_reading,
    "thumbprint": thumbprint_of,
    "enrolment": enrolment,
    "charterLaws": charter_laws,
    "genesis": genesis,
    "overTime": over_time,
    "amendments": amendments_of,
    "gaps": gaps_of,
    "keysOverTime": keys_over_time,
    "disputes": disputes,
    "adoptions": lambda given: adoptions(given)[0],
    "envelope": envelope,
    "statement": statement,
    "relations": relations,
    "kindBody": kind_body,
    "tierCopy": tier_copy,
    "tearLines": tear_lines,
    "seal": seal,
    "sealedTier": sealed_tier,
    "sealedStatement": sealed_statement,
    "enclosure": enclosure,
    "tagKey": tag_key,
    "clearance": clearance,
    "decide": decision,
    "reader": reader,
    "logRoot": log_root,
    "logInclusion": log_inclusion,
    "logConsistency": log_consistency,
    "logHead": log_head,
    "logNote": log_note,
    "logCheckpoint": log_checkpoint,
    "logTiles": log_tiles,
    "logReceipt": log_receipt,
    "logEntry": log_entry,
    "convict": convict,
    "cosignature": cosignature,
    "policy": policy,
    "quorum": quorum,
    "callOutSet": call_out_set,
    "callOutPhase": call_out_phase,
    "callOutRelease": call_out_release,
    "releaseControl": release_control,
    "releaseUse": release_use,
    "releaseFacts": release_facts,
    "resend": resend,
    "alarms": alarms_of,
    "auditFolder": audit_folder,
    "authRequest": auth_request,
}
