import type { Confidence } from '../cause.js';
import type { Certificate } from '../x509/certificate.js';

/** An authority that nobody showed: is it an intermediate that the server ought to send, or a root that is not trusted here? */
export interface IssuerGuess {
  role: 'intermediate' | 'root';
  confidence: Confidence;
  because: string;
}

/** Words that say nothing about who an authority is. */
const GENERIC = new Set([
  'ca',
  'cert',
  'certificate',
  'certification',
  'authority',
  'root',
  'intermediate',
  'issuing',
  'issuer',
  'sub',
  'subordinate',
  'signing',
  'server',
  'tls',
  'ssl',
  'the',
  'of',
  'and',
  'for',
  'test',
  'dev',
  'development',
  'internal',
  'new',
  'old',
  'rsa',
  'ecc',
  'ecdsa',
  'class',
  'inc',
  'llc',
  'ltd',
  'gmbh',
  'corp',
  'co',
  'us',
  'g1',
  'g2',
  'g3',
  'r1',
  'r2',
  'r3',
]);
const INTERMEDIATE_WORDS =
  /\b(intermediate|issuing|subordinate|sub[- ]?ca|signing|policy|tls ca|server ca|ica|int(?:er)?(?:[- ]?ca)?|leaf ca|online)\b/i;
const ROOT_WORDS = /\b(root|anchor|primary|top)\b/i;

function words(name: string): Set<string> {
  return new Set(
    name
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 1 && !GENERIC.has(word) && !/^\d+$/.test(word)),
  );
}

/**
 * Weighs what the child says of its issuer: authorityCertIssuer names the issuer's issuer; caIssuers is for intermediates; what an issuer of a
 * CA certificate is called, and whether its name is akin to a trusted one. Only the first of these is proof.
 */
export function guessIssuerRole({
  last,
  chain,
  anchors,
}: {
  last: Certificate;
  chain: readonly Certificate[];
  anchors: readonly { name: string; organization: string | undefined; key: string }[];
}): IssuerGuess {
  const issuer = last.issuer.commonName ?? last.issuer.text;
  const above = last.authorityKeyIdentifier?.issuer?.find(({ kind }) => kind === 'dirName');
  if (above?.kind === 'dirName') {
    if (above.name.key === last.issuer.key)
      return { role: 'root', confidence: 'certain', because: 'its authorityKeyIdentifier says that the issuer signed itself' };
    const trusted = anchors.some(({ key }) => key === above.name.key);
    return {
      role: 'intermediate',
      confidence: trusted ? 'certain' : 'likely',
      because: `its authorityKeyIdentifier says that "${above.name.commonName ?? above.name.text}" issued the issuer${trusted ? ', which is trusted here' : ''}`,
    };
  }
  // What was sent beside it and is itself issued by something trusted shows that the server was given a chain, only not the right one.
  const unrelated = chain.filter(
    (one) => one !== last && one.basicConstraints?.ca === true && anchors.some(({ key }) => key === one.issuer.key),
  );
  if (unrelated.length > 0)
    return { role: 'intermediate', confidence: 'likely', because: 'the server sends an intermediate of a trusted root, but another one' };

  const akin = anchors.find((anchor) => isAkin(issuer, organizationOf(last), anchor));
  const saysIntermediate = INTERMEDIATE_WORDS.test(issuer);
  const saysRoot = ROOT_WORDS.test(issuer) && !saysIntermediate;
  const isLeaf = last.basicConstraints?.ca !== true;
  const hasAddress = (last.authorityInfoAccess?.caIssuers.length ?? 0) > 0;
  if (saysRoot) return { role: 'root', confidence: 'likely', because: `"${issuer}" calls itself a root` };
  if (akin !== undefined && isLeaf && (saysIntermediate || anchors.length < 20))
    return { role: 'intermediate', confidence: 'likely', because: `"${issuer}" is akin to "${akin.name}", which is trusted` };
  // A second authority between them, "policy" or "issuing" by its name and of the house of a trusted root.
  if (saysIntermediate && akin !== undefined)
    return {
      role: 'intermediate',
      confidence: 'likely',
      because: `"${issuer}" calls itself an intermediate and is akin to "${akin.name}", which is trusted`,
    };
  if (saysIntermediate && isLeaf)
    return { role: 'intermediate', confidence: 'likely', because: `"${issuer}" calls itself an intermediate` };
  if (hasAddress && isLeaf)
    return {
      role: 'intermediate',
      confidence: 'likely',
      because: 'the certificate has an address to fetch its issuer from, as those below an intermediate have',
    };
  return {
    role: 'root',
    confidence: isLeaf ? 'possible' : 'likely',
    because: isLeaf ? `nothing says whether "${issuer}" is a root or an intermediate` : `"${issuer}" issued an intermediate`,
  };
}

function organizationOf(certificate: Certificate): string | undefined {
  return certificate.issuer.rdns.flat().find(({ type }) => type === 'O')?.value;
}

function isAkin(issuer: string, organization: string | undefined, anchor: { name: string; organization: string | undefined }): boolean {
  if (organization !== undefined && organization !== '' && organization === anchor.organization) return true;
  const mine = words(issuer);
  const theirs = words(anchor.name);
  return [...mine].some((word) => theirs.has(word));
}
