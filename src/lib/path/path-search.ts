import type { Certificate } from '../x509/certificate.js';
import { equalBytes, toHex } from '../x509/der-values.js';
import { EXT } from '../x509/oids.js';
import { sameName } from '../x509/read-name.js';
import { type Budget, MAX_CERTIFICATES, MAX_PATH_LENGTH } from './budget.js';
import { checkSignature, fitsAlgorithm, type SignatureResult, sameKey, withDsaParameters } from './signature.js';
import type { SourcedCertificate } from './verification.js';

/** Candidate paths from an end entity up to trust anchors, over all certificates at hand (RFC 4158). */

export interface Candidate extends SourcedCertificate {
  /** It ends a path. */
  anchor: boolean;
  /** It is in the trust store, whether it ends a path or not. */
  trusted: boolean;
}

export interface FoundPath {
  /** End entity first. */
  nodes: readonly Candidate[];
  /** `edges[i]`: what the signature of `nodes[i]` by `nodes[i + 1]` came to. */
  edges: readonly SignatureResult[];
  end: 'anchor' | 'no-issuer' | 'limit';
}

export interface SearchOptions {
  budget: Budget;
  at: number;
  namesByteForByte: boolean;
  keyIdentifierBinds: boolean;
  /** Only the likeliest issuer is tried. */
  greedy: boolean;
}

/** Signatures that were checked, as long as both certificates live. */
const CHECKED = new WeakMap<Certificate, WeakMap<Certificate, SignatureResult>>();
const UNCHECKED: SignatureResult = { ok: false, kind: 'unchecked', why: 'not checked: too many signatures' };

/** The certificates that may be issuers, by subject, and the signatures already checked. */
export class IssuerPool {
  readonly #bySubject = new Map<string, Candidate[]>();
  readonly #options: SearchOptions;
  readonly anchors: readonly Candidate[];

  constructor(anchors: readonly Candidate[], intermediates: readonly Candidate[], options: SearchOptions) {
    this.#options = options;
    this.anchors = anchors;
    let count = 0;
    for (const candidate of [...anchors, ...intermediates]) {
      if (++count > MAX_CERTIFICATES) break;
      const { key } = candidate.certificate.subject;
      const list = this.#bySubject.get(key);
      if (list === undefined) this.#bySubject.set(key, [candidate]);
      else if (
        !list.some(({ certificate }) => certificate === candidate.certificate || equalBytes(certificate.der, candidate.certificate.der))
      )
        list.push(candidate);
    }
  }

  /** Every certificate whose subject is this name. */
  named(certificate: Certificate): readonly Candidate[] {
    return this.#bySubject.get(certificate.issuer.key) ?? [];
  }

  /** Certificates of a subject, such as a CRL's issuer. */
  withSubject(key: string): readonly Candidate[] {
    return this.#bySubject.get(key) ?? [];
  }

  /** Whether `issuer`'s key made `child`'s signature; each pair is checked once, also across validations of the same certificates. */
  signature(child: Certificate, issuer: Certificate): SignatureResult {
    const known = CHECKED.get(child)?.get(issuer);
    if (known !== undefined) return known;
    if (!this.#options.budget.take('signatures')) return UNCHECKED;
    const result = checkSignature(child.tbs, child.signature, child.signatureAlgorithm, this.keyOf(issuer));
    // A DSA key may depend on certificates of this validation: not kept beyond it.
    if (issuer.publicKey.type !== 'dsa') {
      const checked = CHECKED.get(child) ?? new WeakMap<Certificate, SignatureResult>();
      CHECKED.set(child, checked);
      checked.set(issuer, result);
    }
    return result;
  }

  /** The certificate's key, with DSA parameters inherited from its issuer where it has none of its own. */
  keyOf(certificate: Certificate): Certificate['publicKey'] {
    let key = certificate.publicKey;
    if (key.type !== 'dsa' || key.algorithm.parameters?.[0] === 0x30) return key;
    for (const { certificate: issuer } of this.named(certificate)) {
      key = withDsaParameters(certificate.publicKey, issuer.publicKey);
      if (key !== certificate.publicKey) break;
    }
    return key;
  }

  /** Issuers to try for `child`, likeliest first: anchors, matching key identifiers, valid now. */
  issuersOf(child: Certificate): Candidate[] {
    const { at, namesByteForByte, keyIdentifierBinds, greedy } = this.#options;
    const wanted = child.authorityKeyIdentifier?.keyIdentifier;
    const scored: { candidate: Candidate; score: number }[] = [];
    for (const candidate of this.named(child)) {
      const { certificate } = candidate;
      if (namesByteForByte && !equalBytes(certificate.subject.der, child.issuer.der)) continue;
      const own = certificate.subjectKeyIdentifier;
      const match = wanted === undefined || own === undefined ? 0 : equalBytes(wanted, own) ? 1 : -1;
      if (keyIdentifierBinds && !fitsAuthority(child, certificate)) continue;
      const valid = at >= certificate.notBefore && at <= certificate.notAfter;
      if (greedy) {
        if (!fitsAlgorithm(child.signatureAlgorithm, certificate.publicKey)) continue;
        // The store first, in it and after it what is valid now; the order given decides between equals.
        scored.push({ candidate, score: (candidate.trusted ? 4 : 0) + (valid ? 2 : 0) });
      } else scored.push({ candidate, score: match * 8 + (candidate.anchor ? 4 : 0) + (valid ? 2 : 0) });
    }
    return scored.sort((a, b) => b.score - a.score).map(({ candidate }) => candidate);
  }
}

/** Whether a certificate says by name and key identifier that this one issued it, so that a bad signature means damage, not another key. */
export function claimsIssuer(child: Certificate, issuer: Certificate): boolean {
  const wanted = child.authorityKeyIdentifier?.keyIdentifier;
  return (
    wanted !== undefined &&
    issuer.subjectKeyIdentifier !== undefined &&
    equalBytes(wanted, issuer.subjectKeyIdentifier) &&
    sameName(child.issuer, issuer.subject)
  );
}

/** Whether two certificates are the same entity: subject, key and alternative names. A path never goes through one twice (RFC 4158 §2.4.1). */
function sameEntity(a: Certificate, b: Certificate): boolean {
  return a === b || (sameKey(a.publicKey, b.publicKey) && sameName(a.subject, b.subject) && sameAlternatives(a, b));
}

function sameAlternatives(a: Certificate, b: Certificate): boolean {
  const value = ({ extensions }: Certificate): Uint8Array | undefined => extensions.find(({ oid }) => oid === EXT.subjectAltName)?.value;
  const [first, second] = [value(a), value(b)];
  return first === undefined || second === undefined ? first === second : equalBytes(first, second);
}

/** Whether nothing in the child's authorityKeyIdentifier names another issuer than this one (OpenSSL's `X509_check_akid`). */
export function fitsAuthority(child: Certificate, issuer: Certificate): boolean {
  const authority = child.authorityKeyIdentifier;
  if (authority === undefined) return true;
  const { keyIdentifier, serial, issuer: names } = authority;
  const own = issuer.subjectKeyIdentifier;
  if (keyIdentifier !== undefined && own !== undefined && !equalBytes(keyIdentifier, own)) return false;
  if (serial !== undefined && serial !== issuer.serial) return false;
  const name = names?.find((entry) => entry.kind === 'dirName');
  return name?.kind !== 'dirName' || sameName(name.name, issuer.issuer);
}

/** Whether the certificate is signed with its own key. */
export function isSelfSigned(certificate: Certificate): boolean {
  if (!certificate.selfIssued) return false;
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier;
  const own = certificate.subjectKeyIdentifier;
  if (wanted !== undefined && own !== undefined && toHex(wanted) !== toHex(own)) return false;
  return checkSignature(certificate.tbs, certificate.signature, certificate.signatureAlgorithm, certificate.publicKey).ok;
}

/**
 * Walks candidate paths depth first and hands each end to `visit`, which returns true to stop. `usable` prunes: a certificate that it
 * refuses is not built upon. `greedy` takes the likeliest issuer and never goes back. With `broken` set, issuers whose signature fails although the child claims them are followed too.
 */
export function searchPaths(
  leaf: Candidate,
  pool: IssuerPool,
  options: { budget: Budget; usable?: (candidate: Candidate) => boolean; broken: boolean; greedy: boolean },
  visit: (path: FoundPath) => boolean,
): void {
  const nodes: Candidate[] = [leaf];
  const edges: SignatureResult[] = [];
  const deliver = (end: FoundPath['end']): boolean => visit({ nodes: [...nodes], edges: [...edges], end });
  const climb = (): boolean => {
    const child = nodes.at(-1) as Candidate;
    if (!options.budget.take('steps')) return deliver('limit') || true;
    if (nodes.length > MAX_PATH_LENGTH) return deliver('limit');
    let continued = false;
    const fresh = pool
      .issuersOf(child.certificate)
      .filter((issuer) => !nodes.some(({ certificate }) => sameEntity(certificate, issuer.certificate)));
    for (const issuer of options.greedy ? fresh.slice(0, 1) : fresh) {
      if (options.usable?.(issuer) === false) continue;
      const result = pool.signature(child.certificate, issuer.certificate);
      if (
        !result.ok &&
        !(
          options.broken &&
          result.kind !== 'unchecked' &&
          (result.kind === 'unsupported' || claimsIssuer(child.certificate, issuer.certificate))
        )
      )
        continue;
      continued = true;
      nodes.push(issuer);
      edges.push(result);
      const stop = issuer.anchor ? deliver('anchor') : climb();
      nodes.pop();
      edges.pop();
      if (stop) return true;
    }
    return continued ? false : deliver('no-issuer');
  };
  climb();
}
