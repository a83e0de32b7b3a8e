"""Asks a PKCS#11 token to make, use or remove keys: one JSON request on standard input, one JSON answer, then the end.

Runs as a process of its own, with Python's standard library alone, so that a module of a manufacturer (native code that
may crash, hang or write to any stream) shares no memory with the member's other keys. The PIN comes in the request: never
an argument, never in the environment. Nothing is hashed here: the caller hands over exactly what the mechanism signs.

  {"do": "make",   "module", "token", "pin", "keys": [{"alg", "id", "label"}]}   ->  {"points": [hex]}
  {"do": "sign",   "module", "token", "pin", "id", "alg", "input": hex}          ->  {"signature": hex}
  {"do": "remove", "module", "token", "pin", "ids": [hex]}                       ->  {"removed": count}
  what does not work                                                             ->  {"error": code, "says": words}
"""

import ctypes
import json
import os
import sys

# Names of PKCS #11 3.0; the numbers are its own. CK_ULONG is the machine's long, structures are not packed on Linux.
ULONG = ctypes.c_ulong
CLASS, TOKEN, PRIVATE, LABEL, ID, SENSITIVE = 0x000, 0x001, 0x002, 0x003, 0x102, 0x103
DECRYPT, UNWRAP, SIGN, VERIFY, ENCRYPT, WRAP, DERIVE = 0x105, 0x107, 0x108, 0x10A, 0x104, 0x106, 0x10C
EXTRACTABLE, EC_PARAMS, EC_POINT = 0x162, 0x180, 0x181
PUBLIC_KEY, PRIVATE_KEY = 2, 3
EC_KEY_PAIR_GEN, ECDSA, EDWARDS_KEY_PAIR_GEN, EDDSA = 0x1040, 0x1041, 0x1055, 0x1057
LOGIN_FINAL_TRY, LOGIN_LOCKED, TOKEN_INITIALIZED = 0x20000, 0x40000, 0x400
SERIAL_SESSION, RW_SESSION, USER = 4, 2, 1
ALREADY_INITIALIZED, ALREADY_LOGGED_IN = 0x191, 0x100

# How to make a key, how to sign with it, and the curve in each of the forms in which tokens want it.
ALGS = {
    "ES256": (EC_KEY_PAIR_GEN, ECDSA, ["06082a8648ce3d030107"]),
    "ES384": (EC_KEY_PAIR_GEN, ECDSA, ["06052b81040022"]),
    "EdDSA": (EDWARDS_KEY_PAIR_GEN, EDDSA, ["130c656477617264733235353139", "06032b6570"]),
}

RESULTS = {
    0x002: "CKR_HOST_MEMORY", 0x003: "CKR_SLOT_ID_INVALID", 0x005: "CKR_GENERAL_ERROR", 0x006: "CKR_FUNCTION_FAILED",
    0x010: "CKR_ATTRIBUTE_READ_ONLY", 0x012: "CKR_ATTRIBUTE_TYPE_INVALID", 0x013: "CKR_ATTRIBUTE_VALUE_INVALID",
    0x021: "CKR_DATA_LEN_RANGE", 0x030: "CKR_DEVICE_ERROR", 0x031: "CKR_DEVICE_MEMORY", 0x032: "CKR_DEVICE_REMOVED",
    0x054: "CKR_FUNCTION_NOT_SUPPORTED", 0x060: "CKR_KEY_HANDLE_INVALID", 0x068: "CKR_KEY_FUNCTION_NOT_PERMITTED",
    0x070: "CKR_MECHANISM_INVALID", 0x071: "CKR_MECHANISM_PARAM_INVALID", 0x0A0: "CKR_PIN_INCORRECT",
    0x0A1: "CKR_PIN_INVALID", 0x0A2: "CKR_PIN_LEN_RANGE", 0x0A3: "CKR_PIN_EXPIRED", 0x0A4: "CKR_PIN_LOCKED",
    0x0B1: "CKR_SESSION_COUNT", 0x0B3: "CKR_SESSION_HANDLE_INVALID", 0x0D0: "CKR_TEMPLATE_INCOMPLETE",
    0x0D1: "CKR_TEMPLATE_INCONSISTENT", 0x0E0: "CKR_TOKEN_NOT_PRESENT", 0x0E1: "CKR_TOKEN_NOT_RECOGNIZED",
    0x0E2: "CKR_TOKEN_WRITE_PROTECTED", 0x101: "CKR_USER_NOT_LOGGED_IN", 0x102: "CKR_USER_PIN_NOT_INITIALIZED",
    0x140: "CKR_DOMAIN_PARAMS_INVALID", 0x150: "CKR_BUFFER_TOO_SMALL",
}

# Places in CK_FUNCTION_LIST, behind its version.
FUNCTIONS = {
    "C_Initialize": 0, "C_Finalize": 1, "C_GetSlotList": 4, "C_GetTokenInfo": 6, "C_OpenSession": 12, "C_Login": 18,
    "C_DestroyObject": 22, "C_GetAttributeValue": 24, "C_FindObjectsInit": 26, "C_FindObjects": 27,
    "C_FindObjectsFinal": 28, "C_SignInit": 42, "C_Sign": 43, "C_GenerateKeyPair": 59,
}


class Refused(Exception):
    def __init__(self, code, says):
        super().__init__(says)
        self.code = code
        self.says = says


class FunctionList(ctypes.Structure):
    _fields_ = [("version", ctypes.c_ubyte * 2), ("functions", ctypes.c_void_p * 68)]


class Attribute(ctypes.Structure):
    _fields_ = [("type", ULONG), ("value", ctypes.c_void_p), ("length", ULONG)]


class Mechanism(ctypes.Structure):
    _fields_ = [("type", ULONG), ("parameter", ctypes.c_void_p), ("length", ULONG)]


class Template:
    """Attributes with the bytes behind them, which live as long as it does."""

    def __init__(self, values):
        self.kept = [ctypes.create_string_buffer(bytes_of(value), len(bytes_of(value))) for _, value in values]
        rows = [(kind, ctypes.cast(kept, ctypes.c_void_p), len(kept)) for (kind, _), kept in zip(values, self.kept)]
        self.array = (Attribute * len(rows))(*[Attribute(*row) for row in rows])


def bytes_of(value):
    if isinstance(value, bool):
        return b"\x01" if value else b"\x00"
    return bytes(ULONG(value)) if isinstance(value, int) else value


class Token:
    """One session with one token, found by its label and logged in."""

    def __init__(self, module, label, pin):
        self.table = load(module)
        result = self.raw("C_Initialize", None)
        if result not in (0, ALREADY_INITIALIZED):
            raise Refused(name_of(result), "C_Initialize")
        slot, flags = self.find_slot(label)
        why = why_no_login(flags)
        if why is not None:
            raise why
        session = ULONG()
        self.call("C_OpenSession", ULONG(slot), ULONG(SERIAL_SESSION | RW_SESSION), None, None, ctypes.byref(session))
        self.session = session
        secret = pin.encode()
        result = self.raw("C_Login", session, ULONG(USER), secret, ULONG(len(secret)))
        if result not in (0, ALREADY_LOGGED_IN):
            raise Refused(name_of(result), "C_Login")

    def raw(self, name, *arguments):
        return ctypes.CFUNCTYPE(ULONG)(self.table[FUNCTIONS[name]])(*arguments)

    def call(self, name, *arguments):
        result = self.raw(name, *arguments)
        if result != 0:
            raise Refused(name_of(result), name)

    def find_slot(self, label):
        count = ULONG(0)
        self.call("C_GetSlotList", ctypes.c_ubyte(1), None, ctypes.byref(count))
        slots = (ULONG * max(count.value, 1))()
        count = ULONG(len(slots))
        self.call("C_GetSlotList", ctypes.c_ubyte(1), slots, ctypes.byref(count))
        found = []
        for slot in slots[: count.value]:
            # CK_TOKEN_INFO: the label is its first 32 bytes, flags stand behind three more texts, at 96.
            info = ctypes.create_string_buffer(512)
            if self.raw("C_GetTokenInfo", ULONG(slot), info) != 0:
                continue
            flags = ULONG.from_buffer_copy(info.raw, 96).value
            if flags & TOKEN_INITIALIZED and info.raw[:32].rstrip(b" ") == label.encode():
                found.append((slot, flags))
        if len(found) != 1:
            raise Refused("no-token" if not found else "two-tokens", f"{len(found)} tokens have this label")
        return found[0]

    def find(self, kind, key_id):
        template = Template([(CLASS, kind), (ID, key_id)])
        self.call("C_FindObjectsInit", self.session, template.array, ULONG(len(template.array)))
        handles, count = (ULONG * 2)(), ULONG(0)
        self.call("C_FindObjects", self.session, handles, ULONG(2), ctypes.byref(count))
        self.call("C_FindObjectsFinal", self.session)
        return handles[: count.value]

    def read(self, handle, kind):
        value = ctypes.create_string_buffer(1024)
        attribute = Attribute(kind, ctypes.cast(value, ctypes.c_void_p), len(value))
        self.call("C_GetAttributeValue", self.session, ULONG(handle), ctypes.byref(attribute), ULONG(1))
        if attribute.length > len(value):
            raise Refused("CKR_ATTRIBUTE_TYPE_INVALID", "C_GetAttributeValue")
        return value.raw[: attribute.length]

    def make(self, key):
        mechanism, _, curves = ALGS[key["alg"]]
        for curve in curves[:-1]:
            try:
                return self.generate(mechanism, bytes.fromhex(curve), key)
            except Refused:
                continue
        return self.generate(mechanism, bytes.fromhex(curves[-1]), key)

    def generate(self, mechanism, curve, key):
        same = [(TOKEN, True), (ID, bytes.fromhex(key["id"])), (LABEL, key["label"].encode())]
        public = Template([*same, (PRIVATE, False), (VERIFY, True), (ENCRYPT, False), (WRAP, False), (EC_PARAMS, curve)])
        # It signs, and does nothing else; it is never to leave, not even wrapped.
        private = Template([
            *same, (PRIVATE, True), (SENSITIVE, True), (EXTRACTABLE, False), (SIGN, True), (DECRYPT, False),
            (UNWRAP, False), (DERIVE, False),
        ])
        handles = (ULONG * 2)()
        how = Mechanism(mechanism, None, 0)
        self.call(
            "C_GenerateKeyPair", self.session, ctypes.byref(how), public.array, ULONG(len(public.array)),
            private.array, ULONG(len(private.array)), ctypes.byref(handles, 0),
            ctypes.byref(handles, ctypes.sizeof(ULONG)),
        )
        # What was asked for is read back: a token may answer "done" and keep a key that can be taken out.
        if self.read(handles[1], SENSITIVE) != b"\x01" or self.read(handles[1], EXTRACTABLE) != b"\x00":
            raise Refused("extractable", "the token made a key that can leave it")
        return self.read(handles[0], EC_POINT).hex()

    def sign(self, key_id, alg, data):
        handles = self.find(PRIVATE_KEY, key_id)
        if len(handles) != 1:
            raise Refused("no-key", f"{len(handles)} private keys have the id {key_id.hex()}")
        how = Mechanism(ALGS[alg][1], None, 0)
        self.call("C_SignInit", self.session, ctypes.byref(how), ULONG(handles[0]))
        out, length = ctypes.create_string_buffer(512), ULONG(512)
        self.call("C_Sign", self.session, data, ULONG(len(data)), out, ctypes.byref(length))
        return out.raw[: length.value].hex()

    def remove(self, key_id):
        handles = [*self.find(PRIVATE_KEY, key_id), *self.find(PUBLIC_KEY, key_id)]
        for handle in handles:
            self.call("C_DestroyObject", self.session, ULONG(handle))
        return len(handles)


def load(module):
    try:
        library = ctypes.CDLL(module)
        listed = ctypes.POINTER(FunctionList)()
        result = library.C_GetFunctionList(ctypes.byref(listed))
    except (OSError, AttributeError) as error:
        raise Refused("no-module", str(error)) from None
    if result != 0 or not listed:
        raise Refused("no-module", "C_GetFunctionList gives no functions")
    return listed.contents.functions


def why_no_login(flags):
    """A PIN that is wrong once more would lock the token for good: no program may take the last try."""
    if flags & LOGIN_LOCKED:
        return Refused("CKR_PIN_LOCKED", "the token says that its PIN is locked")
    if flags & LOGIN_FINAL_TRY:
        return Refused("final-try", "one try is left")
    return None


def name_of(result):
    return RESULTS.get(result, f"CKR_{result:#x}")


def make_all(token, keys):
    """All of them, or none: what was made before one that cannot be is taken away again."""
    points = []
    try:
        for key in keys:
            points.append(token.make(key))
    except Refused:
        for key in keys:
            token.remove(bytes.fromhex(key["id"]))
        raise
    return points


def answer(request):
    token = Token(request["module"], request["token"], request["pin"])
    if request["do"] == "make":
        return {"points": make_all(token, request["keys"])}
    if request["do"] == "remove":
        return {"removed": sum(token.remove(bytes.fromhex(key_id)) for key_id in request["ids"])}
    data = bytes.fromhex(request["input"])
    return {"signature": token.sign(bytes.fromhex(request["id"]), request["alg"], data)}


def main():
    # The answer's own stream: what a module prints goes to standard error with everything else.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        said = answer(json.loads(sys.stdin.read()))
    except Refused as refused:
        said = {"error": refused.code, "says": refused.says}
    out.write(json.dumps(said))
    out.flush()
    # Without C_Finalize and Python's own end: some modules crash while they are unloaded, and all is said already.
    os._exit(0)


if __name__ == "__main__":
    main()
