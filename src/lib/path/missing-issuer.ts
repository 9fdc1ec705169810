import type { CauseCode } from '../cause.js';
import type { Certificate } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import { sameName } from '../x509/read-name.js';
import { iso } from './certificate-rules.js';
import { type Candidate, type FoundPath, isSelfSigned } from './path-search.js';
import { sameKey } from './signature.js';
import type { MissingIssuer, PathProblem, SourcedCertificate } from './verification.js';

/** Why a path ends before a trust anchor: whose certificate is missing, where it is after all, and which near misses there are. */

export interface MissingContext {
  anchors: readonly SourcedCertificate[];
  intermediates: readonly SourcedCertificate[];
  elsewhere: readonly SourcedCertificate[];
  partialChain: boolean;
  /** Whether a certificate's key made a child's signature; remembered and limited by the session. */
  signs: (issuer: Certificate, child: Certificate) => boolean;
}

const keyIdOf = ({ subjectKeyIdentifier }: Certificate): string | undefined =>
  subjectKeyIdentifier === undefined ? undefined : toHex(subjectKeyIdentifier);

/** More certificates of one name than this are not tried. */
const MAX_NAMESAKES = 32;

/** What the last certificate of a dead end asks for. */
export function missingIssuer(path: FoundPath, context: MissingContext): MissingIssuer {
  const child = (path.nodes.at(-1) as Candidate).certificate;
  const authority = child.authorityKeyIdentifier;
  const missing: MissingIssuer = {
    name: child.issuer.text,
    nameKey: child.issuer.key,
    aia: child.authorityInfoAccess?.caIssuers ?? [],
    found: [],
    sameName: [],
  };
  if (authority?.keyIdentifier !== undefined) missing.keyIdentifier = toHex(authority.keyIdentifier);
  if (authority?.serial !== undefined) missing.serial = authority.serial;
  let tried = 0;
  const seen = new Set<string>([child.fingerprint]);
  const look = (list: readonly SourcedCertificate[], trusted: boolean): void => {
    for (const { certificate, source } of list) {
      if (!sameName(certificate.subject, child.issuer) || seen.has(certificate.fingerprint) || ++tried > MAX_NAMESAKES) continue;
      seen.add(certificate.fingerprint);
      const { fingerprint } = certificate;
      if (context.signs(certificate, child)) {
        if (!trusted) missing.found.push({ source, fingerprint, selfSigned: certificate.selfIssued });
      } else {
        const keyIdentifier = keyIdOf(certificate);
        missing.sameName.push({
          source,
          fingerprint,
          trusted,
          notAfter: iso(certificate.notAfter),
          ...(keyIdentifier === undefined ? {} : { keyIdentifier }),
        });
      }
    }
  };
  look(context.anchors, true);
  look(context.elsewhere, false);
  look(context.intermediates, false);
  return missing;
}

/** The problem of a dead end in the contract's words. */
export function missingProblem(path: FoundPath, missing: MissingIssuer, context: MissingContext): PathProblem {
  const index = path.nodes.length - 1;
  const last = (path.nodes[index] as Candidate).certificate;
  const selfSigned = isSelfSigned(last);
  const facts: PathProblem['facts'] = { issuer: missing.name };
  if (missing.keyIdentifier !== undefined) facts.keyIdentifier = missing.keyIdentifier;
  const problem = (code: CauseCode, rule: string, message: string): PathProblem => ({ code, rule, index, message, facts });
  const namesake = missing.sameName.find(({ trusted }) => trusted);
  if (selfSigned && index === 0) {
    const twin = context.anchors.find(({ certificate }) => sameName(certificate.subject, last.subject));
    const name = last.subject.text || 'the certificate';
    if (twin === undefined) return problem('self-signed', 'self-signed', `${name} is signed by itself and is not in the trust store`);
    // Renewed with its key: what is trusted is the other certificate, and no reader takes one for the other.
    if (sameKey(twin.certificate.publicKey, last.publicKey))
      return problem(
        'self-signed',
        'self-signed-twin',
        `${name} is signed by itself; the trust store has another certificate of that name and key (${twin.source}, until ${iso(twin.certificate.notAfter)}), not this one`,
      );
  }
  const stale = namesake ?? staleTwin(last, selfSigned, context);
  if (stale !== undefined) {
    facts.trusted = stale.source;
    facts.trustedKeyIdentifier = stale.keyIdentifier ?? '';
    facts.trustedNotAfter = stale.notAfter;
    const keys =
      stale.keyIdentifier === undefined || missing.keyIdentifier === undefined
        ? ''
        : `, key ${short(stale.keyIdentifier)} instead of ${short(missing.keyIdentifier)}`;
    return problem(
      'stale-trust-bundle',
      'same-name-other-key',
      `the trust store has ${missing.name} with another key (${stale.source}${keys})`,
    );
  }
  const trustedIntermediate = context.partialChain
    ? undefined
    : context.anchors.find(({ certificate }) => certificate.fingerprint === last.fingerprint);
  if (trustedIntermediate !== undefined) {
    return problem(
      'untrusted-root',
      'partial-chain',
      `${last.subject.text} is in the trust store but is no root, and its issuer ${missing.name} is not there`,
    );
  }
  if (selfSigned)
    return problem('untrusted-root', 'untrusted-root', `the chain ends at ${last.subject.text}, which is not in the trust store`);
  return unknownIssuer(last, missing, context, problem);
}

/** A trusted certificate with the name of the untrusted self-signed root that the chain brought along. */
function staleTwin(last: Certificate, selfSigned: boolean, { anchors }: MissingContext): MissingIssuer['sameName'][number] | undefined {
  if (!selfSigned) return undefined;
  const twin = anchors.find(({ certificate }) => sameName(certificate.subject, last.subject));
  if (twin === undefined) return undefined;
  const keyIdentifier = keyIdOf(twin.certificate);
  return {
    source: twin.source,
    fingerprint: twin.certificate.fingerprint,
    trusted: true,
    notAfter: iso(twin.certificate.notAfter),
    ...(keyIdentifier === undefined ? {} : { keyIdentifier }),
  };
}

/**
 * The issuer is nowhere among what was sent and what is trusted. Whether it is an intermediate that was not sent or a root that is not
 * trusted shows where it was found elsewhere, where the child names its issuer's issuer, or by what its name says.
 */
function unknownIssuer(
  last: Certificate,
  missing: MissingIssuer,
  context: MissingContext,
  problem: (code: CauseCode, rule: string, message: string) => PathProblem,
): PathProblem {
  const wanted = `${missing.name}${missing.keyIdentifier === undefined ? '' : ` (key ${short(missing.keyIdentifier)})`}`;
  const intermediate = (why: string): PathProblem =>
    problem(
      'missing-intermediate',
      why,
      `nothing at hand issued ${last.subject.text || 'the certificate'}: the intermediate ${wanted} is missing`,
    );
  const root = (why: string): PathProblem =>
    problem('untrusted-root', why, `${last.subject.text || 'the certificate'} was issued by ${wanted}, which is not in the trust store`);
  const [found] = missing.found;
  if (found !== undefined) return found.selfSigned ? root('issuer-found-self-signed') : intermediate('issuer-found');
  const grandparent = last.authorityKeyIdentifier?.issuer?.find((name) => name.kind === 'dirName');
  if (grandparent?.kind === 'dirName')
    return sameName(grandparent.name, last.issuer) ? root('issuer-names-itself') : intermediate('issuer-has-issuer');
  if (/\broot\b/i.test(missing.name)) return root('issuer-called-root');
  // A CA's certificate whose issuer nobody has: what is usually left out of a chain is its root.
  if (last.basicConstraints?.ca === true) return root('issuer-unknown');
  return context.anchors.length === 0 ? root('empty-store') : intermediate('issuer-unknown');
}

/** Start of a key identifier or fingerprint, as people compare them: `9f:1c:…`. */
export function short(hex: string): string {
  return `${hex.slice(0, 8).replace(/..(?=.)/g, '$&:')}…`;
}
