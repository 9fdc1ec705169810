import { createHash } from 'node:crypto';
import type { Authority, SigningAuthority } from '../ca/authority.js';
import { signAuthority } from '../ca/authority.js';
import { randomSerial, signCertificate } from '../ca/certificate-writer.js';
import { distinguishedName } from '../ca/distinguished-name.js';
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
