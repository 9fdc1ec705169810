import type { Certificate } from '../x509/certificate.js';
import { equalBytes } from '../x509/der-values.js';
import type { GeneralName } from '../x509/general-name.js';
import { parseIp } from '../x509/ip-address.js';
import { EKU, EXT } from '../x509/oids.js';
import { dnsLabels } from '../x509/server-identity.js';
import type { Finding } from './certificate-rules.js';
import type { PathStep, Purpose } from './verification.js';

/** What the CA/Browser Forum's Baseline Requirements (TLS, 2.x) add to RFC 5280: profile webpki. */

const CURVES = new Set(['P-256', 'P-384', 'P-521']);

export function checkBaseline(certificate: Certificate, role: PathStep['role'], purpose: Purpose): Finding[] {
  const found: Finding[] = [];
  const bad = (code: Finding['code'], rule: string, message: string, section: string): void => {
    found.push({ code, rule, message, facts: {}, reference: `CA/Browser Forum TLS BR §${section}` });
  };
  checkKey(certificate, bad);
  if (certificate.version !== 3) bad('malformed', 'not-version-3', `version ${certificate.version}, only 3 is allowed`, '7.1.1');
  if (role === 'end-entity') checkSubscriber(certificate, purpose, bad);
  else if (role === 'anchor') checkRoot(certificate, bad);
  return found;
}

type Report = (code: Finding['code'], rule: string, message: string, section: string) => void;

/** §6.1.5 and §7.1.3.1. */
function checkKey({ publicKey }: Certificate, bad: Report): void {
  const { type, curve, bits } = publicKey;
  if (type === 'ec' ? !CURVES.has(curve ?? '') : type !== 'rsa')
    bad('weak-key', 'key-type', `${curve ?? type} keys are not allowed`, '6.1.5');
  else if (type === 'rsa' && bits % 8 !== 0)
    bad('weak-key', 'rsa-modulus-size', `an RSA modulus of ${bits} bits is not divisible by 8`, '6.1.5');
  const exponent = publicKey.rsaExponent;
  if (type === 'rsa' && exponent !== undefined && (exponent < 3n || exponent % 2n === 0n))
    bad('weak-key', 'rsa-exponent', `RSA exponent ${exponent} is not an odd number of 3 or more`, '6.1.6');
}

/** §7.1.2.7: subscriber certificates. */
function checkSubscriber(certificate: Certificate, purpose: Purpose, bad: Report): void {
  const names = certificate.subjectAltName ?? [];
  const extension = certificate.extensions.find(({ oid }) => oid === EXT.subjectAltName);
  if (extension === undefined) bad('no-san', 'san-missing', 'it has no subjectAltName', '7.1.2.7.12');
  else if (extension.critical && certificate.subject.rdns.length > 0)
    bad('malformed', 'san-critical', 'its subjectAltName is critical though it has a subject', '7.1.2.7.12');
  if (certificate.basicConstraints?.ca === true || certificate.keyUsage?.includes('keyCertSign') === true)
    bad('wrong-purpose', 'ca-as-end-entity', 'a CA certificate is used as end entity', '7.1.2.7.8');
  if (purpose !== 'any') {
    if (certificate.extKeyUsage === undefined) bad('wrong-purpose', 'ext-key-usage-missing', 'it has no extKeyUsage', '7.1.2.7.10');
    else if (certificate.extensions.some(({ oid, critical }) => oid === EXT.extKeyUsage && critical))
      bad('malformed', 'ext-key-usage-critical', 'extKeyUsage is critical, which it may not be', '7.1.2.7.6');
    else if (certificate.extKeyUsage.includes(EKU.any))
      bad('wrong-purpose', 'any-ext-key-usage', 'anyExtendedKeyUsage is not allowed', '7.1.2.7.10');
  }
  for (const name of names) {
    if (name.kind !== 'dns') continue;
    const bare = name.value.startsWith('*.') ? name.value.slice(2) : name.value;
    if (dnsLabels(bare) === undefined) bad('malformed', 'dns-name', `"${name.value}" is no DNS name`, '7.1.2.7.12');
    else if (name.value.startsWith('*.') && isPublicSuffix(bare))
      bad('malformed', 'wildcard-under-public-suffix', `"${name.value}" covers everything under a public suffix`, '3.2.2.6');
  }
  const { commonName } = certificate.subject;
  if (commonName !== undefined && extension !== undefined && !commonNameFits(commonName, names)) {
    bad('malformed', 'common-name', `common name "${commonName}" is not one of the alternative names`, '7.1.4.3');
  }
}

/**
 * §7.1.4.3: the common name is a copy, character for character, of an alternative name; addresses in their canonical form. A host name is held
 * against entries that are host names: where there is none, it may be the parent of a wildcard or stand beside addresses and local names.
 */
function commonNameFits(commonName: string, names: readonly GeneralName[]): boolean {
  if (names.some((name) => (name.kind === 'dns' || (name.kind === 'ip' && parseIp(commonName) !== undefined)) && name.value === commonName))
    return true;
  const isHost = (text: string): boolean => text.includes('.') && dnsLabels(text) !== undefined;
  const dns = names.filter(({ kind }) => kind === 'dns').map(({ value }) => value);
  return isHost(commonName) && !dns.some(isHost) && dns.every((value) => !value.startsWith('*.') || value.slice(2) === commonName);
}

/** §7.1.2.1: root certificates. */
function checkRoot(certificate: Certificate, bad: Report): void {
  if (certificate.extKeyUsage !== undefined) bad('wrong-purpose', 'root-ext-key-usage', 'a root may not have extKeyUsage', '7.1.2.1.2');
  const authority = certificate.authorityKeyIdentifier;
  if (authority === undefined || !certificate.selfIssued) return;
  if (authority.keyIdentifier === undefined)
    bad('malformed', 'root-aki', "the root's authorityKeyIdentifier has no keyIdentifier", '7.1.2.1.3');
  else if (certificate.subjectKeyIdentifier !== undefined && !equalBytes(authority.keyIdentifier, certificate.subjectKeyIdentifier)) {
    bad('malformed', 'root-aki', "the root's authorityKeyIdentifier is not its own subjectKeyIdentifier", '7.1.2.1.3');
  }
  if (authority.issuer !== undefined || authority.serial !== undefined)
    bad('malformed', 'root-aki', "the root's authorityKeyIdentifier names issuer and serial number", '7.1.2.1.3');
}

/**
 * Public suffixes of two labels and more under which names belong to strangers: the best known of the Public Suffix List's two sections.
 * One-label suffixes are refused everywhere. Not the whole list: `verify-chain` is no registry.
 */
const SUFFIXES = new Set(
  `co.uk org.uk ac.uk gov.uk me.uk net.uk co.jp ne.jp or.jp ac.jp go.jp com.au net.au org.au edu.au gov.au co.nz org.nz com.br net.br org.br gov.br com.cn net.cn org.cn
  gov.cn com.mx com.tr com.tw com.hk com.sg com.my com.ar co.in net.in org.in co.za org.za co.kr or.kr co.il org.il co.id co.th com.vn com.ua com.pl s3.amazonaws.com
  s3.us-east-1.amazonaws.com elb.amazonaws.com cloudfront.net github.io githubusercontent.com gitlab.io herokuapp.com azurewebsites.net cloudapp.net
  cloudapp.azure.com blob.core.windows.net appspot.com run.app web.app firebaseapp.com netlify.app vercel.app pages.dev workers.dev fly.dev onrender.com
  blogspot.com wordpress.com myshopify.com ngrok.io ngrok-free.app duckdns.org readthedocs.io surge.sh`.split(/\s+/),
);

function isPublicSuffix(name: string): boolean {
  return !name.includes('.') || SUFFIXES.has(name.toLowerCase());
}
