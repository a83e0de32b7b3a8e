"""The ciphers of a container: AES-256, GCM (NIST SP 800-38D), key wrapping (RFC 3394) and Concat KDF (RFC 7518)."""

import hashlib


def _multiply(a, b):
    """In the field of AES, modulo x^8 + x^4 + x^3 + x + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _substitution():
    """The S-box of FIPS 197: inverse in the field, then an affine map."""
    box = []
    for value in range(256):
        inverse = next((x for x in range(256) if _multiply(value, x) == 1), 0)
        image = 0x63
        for turn in range(5):
            image ^= (inverse << turn | inverse >> 8 - turn) & 0xFF
        box.append(image)
    return bytes(box)


SBOX = _substitution()
INVERSE_SBOX = bytes(SBOX.index(value) for value in range(256))
TIMES = {factor: bytes(_multiply(factor, x) for x in range(256)) for factor in (2, 3, 9, 11, 13, 14)}
# Where each byte of the state comes from when its rows are shifted, and when they are shifted back.
SHIFT = [(i + 4 * (i % 4)) % 16 for i in range(16)]
SHIFT_BACK = [(i - 4 * (i % 4)) % 16 for i in range(16)]


class Aes256:
    def __init__(self, key):
        words = [key[at : at + 4] for at in range(0, 32, 4)]
        constant = 1
        for i in range(8, 60):
            word = words[-1]
            if i % 8 == 0:
                word = bytes(SBOX[b] for b in word[1:] + word[:1])
                word = bytes([word[0] ^ constant]) + word[1:]
                constant = _multiply(2, constant)
            elif i % 8 == 4:
                word = bytes(SBOX[b] for b in word)
            words.append(bytes(a ^ b for a, b in zip(word, words[i - 8])))
        self.round_keys = [b"".join(words[at : at + 4]) for at in range(0, 60, 4)]

    def encrypt(self, block):
        two, three = TIMES[2], TIMES[3]
        state = xor(block, self.round_keys[0])
        for round_key in self.round_keys[1:-1]:
            s = [SBOX[state[at]] for at in SHIFT]
            mixed = bytearray()
            for c in range(0, 16, 4):
                a, b, d, e = s[c : c + 4]
                mixed += bytes(
                    (
                        two[a] ^ three[b] ^ d ^ e,
                        a ^ two[b] ^ three[d] ^ e,
                        a ^ b ^ two[d] ^ three[e],
                        three[a] ^ b ^ d ^ two[e],
                    )
                )
            state = xor(mixed, round_key)
        return xor(bytes(SBOX[state[at]] for at in SHIFT), self.round_keys[-1])

    def decrypt(self, block):
        nine, eleven, thirteen, fourteen = TIMES[9], TIMES[11], TIMES[13], TIMES[14]
        state = xor(block, self.round_keys[-1])
        for round_key in self.round_keys[-2:0:-1]:
            state = xor(bytes(INVERSE_SBOX[state[at]] for at in SHIFT_BACK), round_key)
            mixed = bytearray()
            for c in range(0, 16, 4):
                a, b, d, e = state[c : c + 4]
                mixed += bytes(
                    (
                        fourteen[a] ^ eleven[b] ^ thirteen[d] ^ nine[e],
                        nine[a] ^ fourteen[b] ^ eleven[d] ^ thirteen[e],
                        thirteen[a] ^ nine[b] ^ fourteen[d] ^ eleven[e],
                        eleven[a] ^ thirteen[b] ^ nine[d] ^ fourteen[e],
                    )
                )
            state = bytes(mixed)
        return xor(bytes(INVERSE_SBOX[state[at]] for at in SHIFT_BACK), self.round_keys[0])


def xor(a, b):
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def _ghash(h, octets):
    """SP 800-38D section 6.4, with the bits of a block read from the left."""
    h = int.from_bytes(h, "big")
    powers = []
    for _ in range(128):
        powers.append(h)
        h = h >> 1 ^ (0xE1 << 120 if h & 1 else 0)
    result = 0
    for at in range(0, len(octets), 16):
        block = result ^ int.from_bytes(octets[at : at + 16], "big")
        result = 0
        for place in range(128):
            if block >> 127 - place & 1:
                result ^= powers[place]
    return result.to_bytes(16, "big")


def gcm_open(key, iv, additional, ciphertext, tag):
    """AES-256-GCM with a 96-bit iv and a 128-bit tag: the plaintext, or None."""
    if len(iv) != 12 or len(tag) != 16 or len(key) != 32:
        return None
    aes = Aes256(key)
    lengths = (len(additional) * 8).to_bytes(8, "big") + (len(ciphertext) * 8).to_bytes(8, "big")
    hashed = _ghash(aes.encrypt(bytes(16)), _filled(additional) + _filled(ciphertext) + lengths)
    if xor(hashed, aes.encrypt(iv + b"\0\0\0\1")) != tag:
        return None
    blocks = -(-len(ciphertext) // 16)
    stream = b"".join(aes.encrypt(iv + (2 + i).to_bytes(4, "big")) for i in range(blocks))
    return xor(ciphertext, stream[: len(ciphertext)])


def _filled(octets):
    return octets + bytes(-len(octets) % 16)


def unwrap(key, wrapped):
    """RFC 3394: the key that is wrapped, or None."""
    if len(wrapped) % 8 or len(wrapped) < 24:
        return None
    aes = Aes256(key)
    a, *r = [wrapped[at : at + 8] for at in range(0, len(wrapped), 8)]
    for step in range(6 * len(r), 0, -1):
        i = (step - 1) % len(r)
        block = aes.decrypt(xor(a, step.to_bytes(8, "big")) + r[i])
        a, r[i] = block[:8], block[8:]
    return b"".join(r) if a == b"\xa6" * 8 else None


def concat_kdf(secret, algorithm, bits=256):
    """RFC 7518 section 4.6.2, without apu and apv. One round of SHA-256 gives all 256 bits."""
    name = algorithm.encode("ascii")
    info = len(name).to_bytes(4, "big") + name + bytes(4) + bytes(4) + bits.to_bytes(4, "big")
    return hashlib.sha256(b"\0\0\0\1" + secret + info).digest()
