"""FIPS 204, ML-DSA-44, verification alone: what 14-witnesses needs of it."""

import hashlib

Q, D, K, L, TAU, GAMMA1, GAMMA2, BETA, OMEGA = 8380417, 13, 4, 4, 39, 1 << 17, (8380417 - 1) // 88, 78, 80
PUBLIC_KEY_BYTES, SIGNATURE_BYTES, CHALLENGE_BYTES = 1312, 2420, 32
ZETAS = [pow(1753, int(f"{k:08b}"[::-1], 2), Q) for k in range(256)]


def shake256(length, *parts):
    return hashlib.shake_256(b"".join(parts)).digest(length)


def ntt(poly):
    """Algorithm 41."""
    out, k, width = list(poly), 0, 128
    while width >= 1:
        for start in range(0, 256, 2 * width):
            k += 1
            for j in range(start, start + width):
                t = ZETAS[k] * out[j + width] % Q
                out[j + width], out[j] = (out[j] - t) % Q, (out[j] + t) % Q
        width //= 2
    return out


def from_ntt(poly):
    """Algorithm 42."""
    out, k, width = list(poly), 256, 1
    while width < 256:
        for start in range(0, 256, 2 * width):
            k -= 1
            for j in range(start, start + width):
                t = out[j]
                out[j], out[j + width] = (t + out[j + width]) % Q, -ZETAS[k] * (t - out[j + width]) % Q
        width *= 2
    return [value * 8347681 % Q for value in out]


def unpack(octets, width):
    """256 numbers of `width` bits, the least significant bit first."""
    bits = int.from_bytes(octets, "little")
    return [bits >> width * i & (1 << width) - 1 for i in range(256)]


def expand_a(rho, row, column):
    """Algorithm 30: 23 bits of three bytes at a time, those below q."""
    stream = hashlib.shake_128(rho + bytes([column, row])).digest(3 * 1024)
    found = [int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF for at in range(0, len(stream), 3)]
    return [value for value in found if value < Q][:256]


def challenge(seed):
    """Algorithm 29: TAU coefficients of 1 or -1, the others 0."""
    stream = shake256(1024, seed)
    signs, at, poly = int.from_bytes(stream[:8], "little"), 8, [0] * 256
    for i in range(256 - TAU, 256):
        while stream[at] > i:
            at += 1
        j, at = stream[at], at + 1
        poly[i], poly[j] = poly[j], 1 - 2 * (signs & 1)
        signs >>= 1
    return poly


def read_hints(octets):
    """Algorithm 21: positions by row, in ascending order, and nothing after the last. None where they are not so."""
    rows, at = [], 0
    for row in range(K):
        end = octets[OMEGA + row]
        if end < at or end > OMEGA:
            return None
        places = octets[at:end]
        if any(b <= a for a, b in zip(places, places[1:])):
            return None
        rows.append(set(places))
        at = end
    return rows if not any(octets[at:OMEGA]) else None


def use_hint(value, hinted):
    """Algorithm 40 over algorithm 36: the high part, moved by one where a hint says so."""
    low = value % (2 * GAMMA2)
    low -= 2 * GAMMA2 if low > GAMMA2 else 0
    high = (value - low) // (2 * GAMMA2)
    if value - low == Q - 1:
        high, low = 0, low - 1
    return (high + (1 if low > 0 else -1)) % 44 if hinted else high


def holds(public_key, message, signature):
    """Algorithms 3 and 8, with an empty context."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    rho, packed = public_key[:32], public_key[32:]
    t1 = [unpack(packed[320 * i : 320 * (i + 1)], 10) for i in range(K)]
    seed, body = signature[:CHALLENGE_BYTES], signature[CHALLENGE_BYTES:]
    z = [[GAMMA1 - value for value in unpack(body[576 * i : 576 * (i + 1)], 18)] for i in range(L)]
    hints = read_hints(body[576 * L :])
    if hints is None or any(abs(value) >= GAMMA1 - BETA for poly in z for value in poly):
        return False
    mu = shake256(64, shake256(64, public_key), b"\0\0", message)
    c = ntt(challenge(seed))
    z_hat = [ntt(poly) for poly in z]
    w1 = b""
    for row in range(K):
        total = [-a * b for a, b in zip(c, ntt([value << D for value in t1[row]]))]
        for column in range(L):
            total = [t + a * b for t, a, b in zip(total, expand_a(rho, row, column), z_hat[column])]
        approx = from_ntt([value % Q for value in total])
        high = [use_hint(value, i in hints[row]) for i, value in enumerate(approx)]
        w1 += sum(value << 6 * i for i, value in enumerate(high)).to_bytes(192, "little")
    return shake256(CHALLENGE_BYTES, mu, w1) == seed
