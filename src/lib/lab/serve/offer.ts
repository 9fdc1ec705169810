import { cipherSuiteName } from '../../tls/cipher-suites.js';
import { extensionName } from '../../tls/extensions.js';
import { groupName } from '../../tls/groups.js';
import { ja4 } from '../../tls/ja4.js';
import { signatureSchemeName } from '../../tls/signature-schemes.js';
import type { ClientHello } from '../../tls/transcript.js';
import { isGrease, versionName } from '../../tls/versions.js';
import type { Certificate } from '../../x509/certificate.js';
import { presentedText, spiffeIdOf } from '../../x509/server-identity.js';
import type { Offer, PeerIdentity, SentCertificate } from './events.js';

/** A ClientHello in names. */
export function offerOf(hello: ClientHello): Offer {
  const names = (values: readonly number[], name: (value: number) => string): string[] =>
    values.filter((value) => !isGrease(value)).map(name);
  return {
    versions: names(hello.versions, versionName),
    cipherSuites: names(hello.cipherSuites, cipherSuiteName),
    groups: names(hello.groups, groupName),
    keyShares: names(hello.keyShares, groupName),
    signatureSchemes: names(hello.signatureSchemes, signatureSchemeName),
    extensions: names(hello.extensions, extensionName),
    servername: hello.servername ?? null,
    alpn: hello.alpn.filter((name) => !isGreaseText(name)),
    ja4: ja4(hello),
    resumption: hello.preSharedKey,
  };
}

function isGreaseText(name: string): boolean {
  return name.length === 2 && isGrease((name.charCodeAt(0) << 8) | name.charCodeAt(1));
}

/** A certificate for the log. */
export function sentCertificate(certificate: Certificate): SentCertificate {
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serial: certificate.serial,
    fingerprint: certificate.fingerprint,
    notBefore: isoOrNull(certificate.notBefore),
    notAfter: isoOrNull(certificate.notAfter),
    names: (certificate.subjectAltName ?? []).map(presentedText),
  };
}

/** The names a certificate gives its holder. */
export function identityOf(certificate: Certificate): PeerIdentity {
  const identity: PeerIdentity = {
    commonName: certificate.subject.commonName ?? null,
    dns: [],
    uri: [],
    email: [],
    ip: [],
    spiffeId: null,
    fingerprint: certificate.fingerprint,
  };
  for (const name of certificate.subjectAltName ?? []) {
    if (name.kind === 'dns') identity.dns.push(name.value);
    else if (name.kind === 'uri') identity.uri.push(name.value);
    else if (name.kind === 'email') identity.email.push(name.value);
    else if (name.kind === 'ip') identity.ip.push(name.value);
  }
  const spiffe = spiffeIdOf(certificate);
  if (!('problem' in spiffe)) identity.spiffeId = spiffe.id;
  return identity;
}

function isoOrNull(ms: number): string | null {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().replace('.000Z', 'Z') : null;
}
