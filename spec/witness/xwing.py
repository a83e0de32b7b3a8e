"""X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 (FIPS 203) with X25519, as far as a reader needs it.

Slow on purpose, and not of constant time: the seeds here are those of the vectors, which hide nothing.
"""

import functools
import hashlib
import hmac

from .curves import x25519, x25519_enrols

Q, N, K = 3329, 256, 3
ETA = 2
DU, DV = 10, 4
KEY_BYTES, CIPHERTEXT_BYTES = 1184, 1088
LABEL = b"\\.//^\\"


def _reversed7(value):
    return int(f"{value:07b}"[::-1], 2)


# FIPS 203 section 4.3: powers of 17, a primitive 256th root of unity, in the order in which the transform needs them.
ZETAS = [pow(17, _reversed7(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reversed7(i) + 1, Q) for i in range(128)]


def ntt(f):
    """Algorithm 9."""
    f, i = list(f), 1
    for length in (128, 64, 32, 16, 8, 4, 2):
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[i] * f[j + length]
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            i += 1
    return f


def inverse_ntt(f):
    """Algorithm 10: 3303 is the inverse of 128."""
    f, i = list(f), 127
    for length in (2, 4, 8, 16, 32, 64, 128):
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, ZETAS[i] * (f[j + length] - t) % Q
            i -= 1
    return [x * 3303 % Q for x in f]


def multiply(f, g):
    """Algorithms 11 and 12: products of linear polynomials modulo X² − γ."""
    h = []
    for i, gamma in enumerate(GAMMAS):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        h += [(a0 * b0 + a1 * b1 * gamma) % Q, (a0 * b1 + a1 * b0) % Q]
    return h


def add(f, g):
    return [(a + b) % Q for a, b in zip(f, g)]


def inner(u, v):
    return functools.reduce(add, map(multiply, u, v))


def compress(f, bits):
    """Section 4.2.1: x · 2^bits / q, halves rounded up."""
    return [((x << bits + 1) + Q) // (2 * Q) % (1 << bits) for x in f]


def decompress(f, bits):
    return [(x * Q + (1 << bits - 1)) >> bits for x in f]


def pack(f, bits):
    """Algorithm 5: the coefficients, each of so many bits, the least significant first."""
    return sum(x << i * bits for i, x in enumerate(f)).to_bytes(32 * bits, "little")


def unpack(octets, bits):
    """Algorithm 6, for each polynomial of the octets in turn."""
    size = 32 * bits
    found = []
    for at in range(0, len(octets), size):
        number = int.from_bytes(octets[at : at + size], "little")
        found.append([number >> i * bits & (1 << bits) - 1 for i in range(N)])
    return found


def matrix_entry(rho, row, column):
    """Algorithm 7: uniform, by rejection."""
    stream = hashlib.shake_128(rho + bytes((column, row))).digest(168 * 12)
    found = []
    for at in range(0, len(stream), 3):
        a, b, c = stream[at : at + 3]
        found += [x for x in (a | (b & 15) << 8, b >> 4 | c << 4) if x < Q]
    # Fewer than this is left in a case of 2^260 only.
    assert len(found) >= N
    return found[:N]


def small(seed, number):
    """Algorithm 8 over the PRF: a centred binomial of η = 2."""
    bits = int.from_bytes(hashlib.shake_256(seed + bytes((number,))).digest(64 * ETA), "little")
    count = [(bits >> 2 * i & 1) + (bits >> 2 * i + 1 & 1) for i in range(2 * N)]
    return [(count[2 * i] - count[2 * i + 1]) % Q for i in range(N)]


def _g(octets):
    digest = hashlib.sha3_512(octets).digest()
    return digest[:32], digest[32:]


def _h(octets):
    return hashlib.sha3_256(octets).digest()


@functools.lru_cache(maxsize=None)
def key_pair(d):
    """Algorithm 13: the secret of K-PKE in the transformed domain, and the public key."""
    rho, sigma = _g(d + bytes((K,)))
    secret = [ntt(small(sigma, i)) for i in range(K)]
    error = [ntt(small(sigma, K + i)) for i in range(K)]
    rows = [[matrix_entry(rho, i, j) for j in range(K)] for i in range(K)]
    public = [add(inner(row, secret), e) for row, e in zip(rows, error)]
    return secret, b"".join(pack(t, 12) for t in public) + rho


def encrypted(key, message, coins):
    """Algorithm 14."""
    public, rho = unpack(key[:-32], 12), key[-32:]
    y = [ntt(small(coins, i)) for i in range(K)]
    columns = [[matrix_entry(rho, j, i) for j in range(K)] for i in range(K)]
    u = [add(inverse_ntt(inner(column, y)), small(coins, K + i)) for i, column in enumerate(columns)]
    noise = add(small(coins, 2 * K), decompress(unpack(message, 1)[0], 1))
    v = add(inverse_ntt(inner(public, y)), noise)
    return b"".join(pack(compress(f, DU), DU) for f in u) + pack(compress(v, DV), DV)


def decrypted(secret, ciphertext):
    """Algorithm 15."""
    split = 32 * DU * K
    u = [decompress(f, DU) for f in unpack(ciphertext[:split], DU)]
    v = decompress(unpack(ciphertext[split:], DV)[0], DV)
    masked = inverse_ntt(inner(secret, [ntt(f) for f in u]))
    return pack(compress([(a - b) % Q for a, b in zip(v, masked)], 1), 1)


def ml_kem_768(d, z, ciphertext):
    """Algorithm 18: a ciphertext that is not what its own message encrypts to gives a secret that nobody else has."""
    secret, key = key_pair(d)
    message = decrypted(secret, ciphertext)
    shared, coins = _g(message + _h(key))
    if encrypted(key, message, coins) != ciphertext:
        return hashlib.shake_256(z + ciphertext).digest(32)
    return shared


def expanded(seed):
    """The two keys of a seed: d and z of ML-KEM, and the scalar of X25519."""
    octets = hashlib.shake_256(seed).digest(96)
    return octets[:32], octets[32:64], octets[64:]


def public_key(seed):
    d, _, scalar = expanded(seed)
    return key_pair(d)[1] + x25519(scalar, (9).to_bytes(32, "little"))


def decapsulated(seed, ciphertext):
    """The shared secret of a ciphertext of 1,120 bytes; None where its X25519 share makes a secret of zeros."""
    d, z, scalar = expanded(seed)
    share = ciphertext[CIPHERTEXT_BYTES:]
    classical = x25519(scalar, share)
    if not any(classical):
        return None
    own = x25519(scalar, (9).to_bytes(32, "little"))
    return _h(ml_kem_768(d, z, ciphertext[:CIPHERTEXT_BYTES]) + classical + share + own + LABEL)


def enrols(octets):
    """03-charter, X-Wing: the length, coefficients below q, and the X25519 part."""
    if len(octets) != KEY_BYTES + 32:
        return False
    coefficients = [x for f in unpack(octets[: KEY_BYTES - 32], 12) for x in f]
    return all(x < Q for x in coefficients) and x25519_enrols(octets[KEY_BYTES:])


def hkdf(secret, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes: one block."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")
