import type { Certificate, PublicKeyInfo } from '../x509/certificate.js';
import type { Finding, RuleContext } from './certificate-rules.js';
import type { ProfileRules } from './profiles.js';
import { isKnownSignature, usableKey } from './signature.js';
import type { PathStep } from './verification.js';

/** Whether a runtime takes the key; those of issuers show by the signatures that they make. */
function isUsableKey(key: PublicKeyInfo, role: PathStep['role'], allowed: ProfileRules['keys']): boolean {
  // A key that could not be read is malformed, which is said already.
  if (allowed === 'all' || key.algorithm.oid === '') return true;
  if (allowed === 'usable') return role !== 'end-entity' || usableKey(key);
  return key.type === 'ec' ? allowed.includes(key.curve ?? '') : role === 'end-entity' || allowed.includes(key.type);
}

/** Keys and algorithms too weak to trust. */
export function checkStrength(
  certificate: Certificate,
  role: PathStep['role'],
  { rules, allowSha1, minRsaBits, purpose }: RuleContext,
): Finding[] {
  const found: Finding[] = [];
  const key = certificate.publicKey;
  const isAnchor = role === 'anchor';
  // Of a certificate that cannot be read the key is not known either: that is no second defect.
  const isRead = !certificate.problems.some(({ severity }) => severity === 'fatal');
  if (isRead && !isUsableKey(key, role, rules.keys))
    found.push({
      code: 'weak-key',
      rule: 'key-unusable',
      message: `its ${key.curve ?? key.type} key cannot be used`,
      facts: { type: key.type, curve: key.curve ?? '' },
    });
  if ((key.type === 'rsa' || key.type === 'rsa-pss') && key.bits < minRsaBits) {
    found.push({
      code: 'weak-key',
      rule: 'rsa-too-short',
      message: `RSA key of ${key.bits} bits, at least ${minRsaBits} are wanted`,
      facts: { bits: key.bits, minimum: minRsaBits },
    });
  }
  if (key.type === 'dsa' && !rules.allowDsa)
    found.push({ code: 'weak-key', rule: 'dsa-key', message: 'DSA keys are not accepted', facts: { bits: key.bits } });
  if (key.type === 'ec' && key.bits > 0 && key.bits < 224) {
    found.push({
      code: 'weak-key',
      rule: 'curve-too-small',
      message: `elliptic curve ${key.curve} of ${key.bits} bits is too small`,
      facts: { curve: key.curve ?? '', bits: key.bits },
    });
  }
  if (key.type === 'ec' && /^\d|^unreadable/.test(key.curve ?? '')) {
    found.push({
      code: 'weak-key',
      rule: 'curve-unknown',
      message: `its elliptic curve, ${key.curve}, is not known`,
      facts: { curve: key.curve ?? '' },
    });
  }
  if (isRead && key.type === 'unknown' && role === 'end-entity' && purpose !== 'any' && rules.conformance === 'strict') {
    found.push({
      code: 'weak-key',
      rule: 'key-type-unknown',
      message: `its key is of a type that is not known: ${key.algorithm.oid}`,
      facts: { algorithm: key.algorithm.oid },
    });
  }
  if (key.curve === 'explicit parameters' && rules.explicitCurves === 'refused') {
    found.push({
      code: 'weak-key',
      rule: 'explicit-curve',
      message: 'its elliptic curve is given by parameters instead of a name',
      facts: {},
      reference: 'RFC 5480 §2.1.1',
    });
  }
  // Nobody relies on an anchor's signature over itself.
  if (isAnchor) return found;
  const { signatureAlgorithm: algorithm } = certificate;
  if (algorithm.hash === 'md5' || algorithm.hash === 'md2' || (algorithm.hash === 'sha1' && !allowSha1)) {
    found.push({
      code: 'weak-signature',
      rule: 'weak-digest',
      message: `signed with ${algorithm.name}: ${algorithm.hash} is broken`,
      facts: { algorithm: algorithm.name },
    });
  } else if (!isKnownSignature(algorithm.oid)) {
    found.push({
      code: 'bad-signature',
      rule: 'unknown-signature-algorithm',
      message: `signature algorithm ${algorithm.name || 'unreadable'} is not known`,
      facts: { algorithm: algorithm.oid },
    });
  }
  return found;
}
