import { createHash } from 'node:crypto';
import type { Authority, SigningAuthority } from '../ca/authority.js';
import { signAuthority } from '../ca/authority.js';
import { randomSerial, signCertificate } from '../ca/certificate-writer.js';
import { distinguishedName } from '../ca/distinguished-name.js';
import { authorityKeyIdentifier, basicConstraints, keyUsage, subjectAltNames, subjectKeyIdentifier } from '../ca/extensions.js';
import { generateKeyPair, keyIdentifier } from '../ca/key-pair.js';
import { pemEncode } from '../ca/pem-writer.js';
import { authorityExtensions } from '../ca/profiles.js';

/** Authorities and certificates that no careful authority would make. */

const DAY = 86_400_000;

/** An authority whose certificates carry neither subject nor authority key identifier, as hand-written openssl configurations make them. */
export function withoutKeyIdentifiers(options: { name: string; now: number }): Authority {
  const root = bareAuthority(`${options.name} Root`, options.now, options.now + 3650 * DAY, 1);
  const intermediate = bareAuthority(`${options.name} Intermediate`, options.now, options.now + 1825 * DAY, 0, root);
  return {
    name: options.name,
    keyType: 'p256',
    root,
    intermediate,
    constraints: { permitted: [], excluded: [] },
    spiffeTrustDomain: undefined,
  };
}

function bareAuthority(
  commonName: string,
  notBefore: number,
  notAfter: number,
  pathLength: number,
  issuer?: SigningAuthority,
): SigningAuthority {
  const pair = generateKeyPair('p256');
  const subject = distinguishedName([{ type: 'CN', value: commonName }]);
  const serial = randomSerial();
  const fields = {
    serial,
    issuer: issuer?.subject ?? subject,
    subject,
    notBefore,
    notAfter,
    spki: pair.spki,
    extensions: authorityExtensions(pathLength),
  };
  const der = signCertificate(fields, issuer?.key ?? pair.key);
  return {
    der,
    pem: pemEncode('CERTIFICATE', der),
    subject,
    commonName,
    keyIdentifier: keyIdentifier(pair.spki),
    notBefore,
    notAfter,
    pathLength,
    serial: Buffer.from(serial).toString('hex'),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    key: pair.key,
    spki: pair.spki,
  };
}

/** A hierarchy one level deeper than usual: the issuing authority stands below another intermediate. */
export function deeper(
  authority: Authority,
  request: Partial<Parameters<typeof signAuthority>[0]> = {},
): { authority: Authority; between: SigningAuthority } {
  const between = authority.intermediate;
  const issuing = signAuthority(
    {
      commonName: 'Lab Issuing',
      keyType: 'p256',
      notBefore: between.notBefore,
      notAfter: between.notAfter,
      pathLength: undefined,
      ...request,
    },
    between,
  );
  return { authority: { ...authority, intermediate: issuing }, between };
}

/** An end entity certificate in the place of the intermediate: it signs, and may not. */
export function notAnAuthority(now: number, authority: Authority): Authority {
  const leaf = signAuthority(
    {
      commonName: 'gateway.payments.svc',
      keyType: 'p256',
      notBefore: now - DAY,
      notAfter: now + 30 * DAY,
      extensions: [basicConstraints(false), keyUsage(['digitalSignature'])],
    },
    authority.intermediate,
  );
  return { ...authority, intermediate: { ...leaf, pem: leaf.pem + authority.intermediate.pem } };
}

/** An RSA root whose intermediate it signed with SHA-1. */
export function sha1Intermediate(now: number): Authority {
  const rsa = generateKeyPair('rsa-2048');
  const root = signAuthority({
    commonName: 'Lab RSA Root',
    keyType: 'rsa-2048',
    keyPair: rsa,
    notBefore: now - 30 * DAY,
    notAfter: now + 3650 * DAY,
    pathLength: 1,
  });
  const pair = generateKeyPair('p256');
  const subject = distinguishedName([{ type: 'CN', value: 'Lab SHA-1 Intermediate' }]);
  const serial = randomSerial();
  const der = signCertificate(
    {
      serial,
      issuer: root.subject,
      subject,
      notBefore: now - 30 * DAY,
      notAfter: now + 365 * DAY,
      spki: pair.spki,
      extensions: [...authorityExtensions(0), subjectKeyIdentifier(keyIdentifier(pair.spki)), authorityKeyIdentifier(root.keyIdentifier)],
      signatureAlgorithm: 'rsa-sha1',
    },
    root.key,
  );
  const intermediate: SigningAuthority = {
    ...root,
    der,
    pem: pemEncode('CERTIFICATE', der),
    subject,
    commonName: 'Lab SHA-1 Intermediate',
    keyIdentifier: keyIdentifier(pair.spki),
    serial: Buffer.from(serial).toString('hex'),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    key: pair.key,
    spki: pair.spki,
    pathLength: 0,
  };
  return {
    name: 'Lab RSA',
    keyType: 'rsa-2048',
    root,
    intermediate,
    constraints: { permitted: [], excluded: [] },
    spiffeTrustDomain: undefined,
  };
}

/** An end entity certificate signed by its own key, as `openssl req -x509` makes it. */
export function selfSignedServer(now: number): { chain: string; key: string } {
  const names = [
    { kind: 'dns', value: 'localhost' },
    { kind: 'ip', value: '127.0.0.1' },
  ] as const;
  const made = signAuthority({
    commonName: 'localhost',
    keyType: 'p256',
    notBefore: now - DAY,
    notAfter: now + 364 * DAY,
    extensions: [basicConstraints(false), keyUsage(['digitalSignature']), subjectAltNames(names)],
  });
  return { chain: made.pem, key: made.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** An authority whose intermediate has an RSA key of 1024 bits. */
export function weakIntermediate(now: number): Authority {
  const times = { notBefore: now - 30 * DAY, notAfter: now + 365 * DAY };
  const root = signAuthority({ commonName: 'Lab Root', keyType: 'p256', pathLength: 1, ...times });
  const intermediate = signAuthority(
    { commonName: 'Lab Weak Intermediate', keyType: 'rsa-2048', keyPair: generateKeyPair('rsa-1024'), pathLength: 0, ...times },
    root,
  );
  return {
    name: 'Lab Weak',
    keyType: 'p256',
    root,
    intermediate,
    constraints: { permitted: [], excluded: [] },
    spiffeTrustDomain: undefined,
  };
}
