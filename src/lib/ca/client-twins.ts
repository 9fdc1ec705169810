import { EXT } from '../x509/oids.js';
import { createAuthority, DAY_SECONDS, type IssuingAuthority, signAuthority } from './authority.js';
import { type IssueRequest, issueCertificate } from './issue.js';

/** A client certificate made on the spot, to see what a server makes of it. Lives in memory only. */
export interface ClientTwin {
  certPem: string;
  keyPem: string;
}

/** What the twins imitate, as far as it is known. */
export interface TwinModel {
  /** Names for the certificate; something harmless when left out. */
  names?: readonly string[];
  /** Common name of an authority that the server named: the impostor's issuer bears it. */
  authorityName?: string;
  /** Name DER of that authority, for an impostor that bears the whole name. */
  authoritySubject?: Uint8Array;
  /** Key identifier by which the genuine certificate points to its issuer; null when it has none. The impostor's points the same way. */
  authorityKeyIdentifier?: Uint8Array | null;
  /** Milliseconds since 1970 UTC. */
  now: number;
}

const NOBODY = ['nobody.invalid'];

/** A certificate from an authority that nobody knows. */
export function untrustedTwin({ names = NOBODY, now }: TwinModel): ClientTwin {
  return twin(createAuthority({ name: 'Unknown', now, lifetimes: { rootSeconds: 2 * DAY_SECONDS } }), { names, now, profile: 'client' });
}

/**
 * A certificate whose issuer bears the name of the right authority, with another key. Only what points to the issuer decides how far a
 * server gets with it: by a foreign key identifier it finds no issuer at all, without one it finds the genuine issuer and a signature that
 * does not verify, and stacks say different things to the two.
 */
export function impostorTwin({
  names = NOBODY,
  authorityName = 'Unknown',
  authoritySubject,
  authorityKeyIdentifier,
  now,
}: TwinModel): ClientTwin {
  if (authoritySubject !== undefined) {
    const constraints = { permitted: [], excluded: [] };
    const notBefore = now - 300_000;
    const notAfter = now + DAY_SECONDS * 1000;
    const rogue = signAuthority({
      commonName: authorityName,
      subject: authoritySubject,
      keyType: 'p256',
      constraints,
      spiffeTrustDomain: undefined,
      random: undefined,
      notBefore,
      notAfter,
      pathLength: undefined,
    });
    const pointed = authorityKeyIdentifier instanceof Uint8Array ? { ...rogue, keyIdentifier: authorityKeyIdentifier } : rogue;
    const issued = issueCertificate(
      { root: rogue, intermediate: pointed, constraints, spiffeTrustDomain: undefined },
      { names, now, profile: 'client', lifetimeSeconds: 3600 },
      authorityKeyIdentifier === null ? { without: [EXT.authorityKeyIdentifier] } : {},
    );
    // Alone: the rogue issuer sent along would be an authority that signed itself, and refused for that.
    return { certPem: authorityKeyIdentifier === undefined ? issued.chainPem : issued.certPem, keyPem: issued.keyPem ?? '' };
  }
  const rogue = createAuthority({
    rootName: authorityName,
    intermediateName: authorityName,
    now,
    lifetimes: { rootSeconds: 2 * DAY_SECONDS },
  });
  return twin(rogue, { names, now, profile: 'client' });
}

/** Genuine but over: issued by an authority that the server trusts. */
export function expiredTwin(authority: IssuingAuthority, { names = NOBODY, now }: TwinModel): ClientTwin {
  const notAfter = now - 3_600_000;
  return twin(
    authority,
    // It may begin before its issuer does: what is under test is whether the server looks at the end.
    { names, now, profile: 'client', notBefore: notAfter - DAY_SECONDS * 1000, notAfter },
    true,
  );
}

/** Genuine but meant for servers only. */
export function serverOnlyTwin(authority: IssuingAuthority, { names = NOBODY, now }: TwinModel): ClientTwin {
  return twin(authority, { names, now, profile: 'server', lifetimeSeconds: 3600 });
}

/** Genuine, valid, and somebody else. */
export function otherIdentityTwin(authority: IssuingAuthority, { names = NOBODY, now }: TwinModel): ClientTwin {
  return twin(authority, { names, now, profile: 'client', lifetimeSeconds: 3600 });
}

function twin(authority: IssuingAuthority, request: IssueRequest, unchecked = false): ClientTwin {
  const issued = issueCertificate(authority, request, unchecked ? { unchecked } : {});
  return { certPem: issued.chainPem, keyPem: issued.keyPem ?? '' };
}
