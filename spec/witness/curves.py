"""The curves of spec/02-bytes.md, Signatures, written out: Ed25519, X25519, and ECDSA on P-256 and P-384.

Slow on purpose: no step depends on a secret that must not leak, since nothing here signs.
"""

import hashlib

# Ed25519 and X25519 share this field.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)

# 02-bytes, Ed25519, verification step 3: the encodings of small-order points with their non-canonical twins.
_SMALL_ORDER_WITHOUT_SIGN = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
SMALL_ORDER = {
    (int.from_bytes(bytes.fromhex(text), "little") | sign << 255).to_bytes(32, "little")
    for text in _SMALL_ORDER_WITHOUT_SIGN
    for sign in (0, 1)
}

# 02-bytes, X25519: the keys with which every shared secret is zero.
X25519_REFUSED = {
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
}


# Points of Ed25519 are (X, Y, Z, T) with x = X/Z, y = Y/Z and T = XY/Z.


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(a):
    x, y, z, _ = a
    xx, yy, zz = x * x % P, y * y % P, 2 * z * z % P
    h = xx + yy
    e = h - (x + y) * (x + y)
    g = xx - yy
    f = zz + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    return sum_of_two(scalar, point, 0, IDENTITY)


def sum_of_two(m, a, n, b):
    """m·a + n·b, reading both scalars from the top at once."""
    both = add(a, b)
    result = IDENTITY
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        result = double(result)
        choice = (m >> bit & 1, n >> bit & 1)
        if choice != (0, 0):
            result = add(result, {(1, 0): a, (0, 1): b, (1, 1): both}[choice])
    return result


def is_identity(point):
    x, y, z, _ = point
    return x % P == 0 and (y - z) % P == 0


def decode_point(octets):
    """The point of a canonical encoding, or None (Ed25519, enrolment rule 1)."""
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(octets) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encode_point(point):
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_enrols(octets):
    """Ed25519, at enrolment."""
    point = decode_point(octets)
    if point is None or is_identity(times(8, point)):
        return False
    return is_identity(times(L, point))


def ed25519_holds(key, message, signature):
    """Ed25519, at verification."""
    if len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    point = decode_point(key)
    if s >= L or r in SMALL_ORDER or point is None:
        return False
    x, y, z, t = point
    negative = (P - x, y, z, P - t)
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    return encode_point(sum_of_two(s, BASE, k, negative)) == r


def x25519_enrols(octets):
    return len(octets) == 32 and int.from_bytes(octets, "little") < P and octets not in X25519_REFUSED


def x25519(secret, public):
    """RFC 7748 section 5: the shared secret, by the Montgomery ladder."""
    scalar = int.from_bytes(secret, "little") & (2**254 - 8) | 2**254
    u = int.from_bytes(public, "little") & (2**255 - 1)
    x2, z2, x3, z3, swapped = 1, 0, u, 1, 0
    for place in range(254, -1, -1):
        bit = scalar >> place & 1
        if bit != swapped:
            x2, x3, z2, z3, swapped = x3, x2, z3, z2, bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, P) % P if z2 % P else 0).to_bytes(32, "little")


class Weierstrass:
    """y² = x³ − 3x + b over a prime field, with ECDSA on it. Points are Jacobian; None is the point at infinity."""

    def __init__(self, p, b, n, gx, gy, digest):
        self.p, self.b, self.n, self.digest = p, b, n, digest
        self.base = (gx, gy, 1)
        self.size = (p.bit_length() + 7) // 8

    def decode(self, x, y):
        """ECDSA, at enrolment: the point of two coordinates of exact size below the prime, or None."""
        if len(x) != self.size or len(y) != self.size:
            return None
        x, y = int.from_bytes(x, "big"), int.from_bytes(y, "big")
        if x >= self.p or y >= self.p or (y * y - (x**3 - 3 * x + self.b)) % self.p:
            return None
        return (x, y, 1)

    def double(self, a):
        if a is None or a[1] == 0:
            return None
        x, y, z = a
        p = self.p
        zz, yy = z * z % p, y * y % p
        beta = x * yy % p
        alpha = 3 * (x - zz) * (x + zz) % p
        x3 = (alpha * alpha - 8 * beta) % p
        return (x3, (alpha * (4 * beta - x3) - 8 * yy * yy) % p, 2 * y * z % p)

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        p = self.p
        (x1, y1, z1), (x2, y2, z2) = a, b
        zz1, zz2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * zz2 % p, x2 * zz1 % p
        s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
        if u1 == u2:
            return self.double(a) if s1 == s2 else None
        h, r = u2 - u1, s2 - s1
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return (x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p)

    def sum_of_two(self, m, a, n, b):
        both, result = self.add(a, b), None
        for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
            result = self.double(result)
            choice = (m >> bit & 1, n >> bit & 1)
            if choice != (0, 0):
                result = self.add(result, {(1, 0): a, (0, 1): b, (1, 1): both}[choice])
        return result

    def holds(self, x, y, message, signature):
        """ECDSA, at verification: FIPS 186-5, with s and n − s alike."""
        point = self.decode(x, y)
        if point is None or len(signature) != 2 * self.size:
            return False
        r = int.from_bytes(signature[: self.size], "big")
        s = int.from_bytes(signature[self.size :], "big")
        if not (1 <= r < self.n and 1 <= s < self.n):
            return False
        # The hash is as long as n on both curves, so all of it counts.
        e = int.from_bytes(self.digest(message).digest(), "big")
        w = pow(s, -1, self.n)
        result = self.sum_of_two(e * w % self.n, self.base, r * w % self.n, point)
        if result is None:
            return False
        return result[0] * pow(result[2], -2, self.p) % self.p % self.n == r


P256 = Weierstrass(
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    hashlib.sha256,
)
P384 = Weierstrass(
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    hashlib.sha384,
)
