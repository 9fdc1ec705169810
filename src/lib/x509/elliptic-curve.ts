/** Points of the NIST prime curves (FIPS 186-4 §D.1.2): enough to tell a public key from octets that are none. */

interface Curve {
  /** Octets of a coordinate. */
  octets: number;
  p: bigint;
  b: bigint;
}

/** y² = x³ - 3x + b over the integers modulo p. */
const CURVES: Readonly<Record<string, Curve>> = {
  'P-256': {
    octets: 32,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    octets: 48,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    octets: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);
}

/**
 * Why the octets of an ECPoint (SEC 1 §2.3.3, RFC 5480 §2.2) are no public key of the curve; undefined when they are one, or when the curve is
 * none of those known here. Of compressed points only the form is checked.
 */
export function pointDefect(curve: string, octets: Uint8Array): string | undefined {
  const known = CURVES[curve];
  if (known === undefined) return undefined;
  const form = octets[0];
  const compressed = form === 2 || form === 3;
  if (form !== 4 && !compressed) return octets.length === 1 && form === 0 ? 'the point at infinity' : 'no form of a point that X.509 knows';
  const expected = compressed ? 1 + known.octets : 1 + 2 * known.octets;
  if (octets.length !== expected) return `${octets.length} octets, a point of ${curve} has ${expected}`;
  if (compressed) return undefined;
  const { p, b } = known;
  const x = toInteger(octets.subarray(1, 1 + known.octets));
  const y = toInteger(octets.subarray(1 + known.octets));
  if (x >= p || y >= p || (y * y - (x * x * x - 3n * x + b)) % p !== 0n) return `not on the curve ${curve}`;
  return undefined;
}
