import { type AuthorityCertificate, DAY_SECONDS, type SigningAuthority, signAuthority } from './authority.js';
import { basicConstraints } from './extensions.js';
import type { NameConstraintSet } from './name-constraints.js';

/**
 * Issuers that are unfit by construction, signed by the root while its key is at hand, so that `issue --fault` needs no passphrase later.
 * None of them can make a certificate that a correct verifier accepts for a real name.
 */
export interface FaultIssuers {
  /** An intermediate that ran out before it was made. */
  expired: SigningAuthority;
  /** An intermediate that may certify `name-constraint-fault.invalid` and nothing else. */
  constrained: SigningAuthority;
  /** An end entity certificate that acts as an issuer. */
  notCa: SigningAuthority;
}

/** The one domain the constrained intermediate may certify; `.invalid` belongs to nobody (RFC 2606). */
const NOBODY = 'name-constraint-fault.invalid';

/** Limits that leave no real name of any kind. */
const NOTHING_PERMITTED: NameConstraintSet = {
  permitted: [
    { kind: 'dns', value: NOBODY },
    { kind: 'email', value: NOBODY },
    { kind: 'uri', value: NOBODY },
  ],
  excluded: [
    { kind: 'ip', value: '0.0.0.0/0' },
    { kind: 'ip', value: '::/0' },
  ],
};

/** Makes the unfit issuers under a root that can sign. Their keys are P-256 whatever the root's is: one thing is wrong, and it is not the key. */
export function createFaultIssuers(root: SigningAuthority, intermediate: AuthorityCertificate, now: number): FaultIssuers {
  const life = { keyType: 'p256', notBefore: intermediate.notBefore, notAfter: intermediate.notAfter, pathLength: 0 } as const;
  const name = intermediate.commonName;
  return {
    expired: signAuthority(
      { ...life, commonName: `${name} (expired)`, notBefore: now - 400 * DAY_SECONDS * 1000, notAfter: now - DAY_SECONDS * 1000 },
      root,
    ),
    constrained: signAuthority({ ...life, commonName: `${name} (constrained)`, constraints: NOTHING_PERMITTED }, root),
    // Without keyUsage, so that CA:FALSE is the one thing that forbids it to issue.
    notCa: signAuthority(
      { ...life, commonName: `${name} (not a CA)`, extensions: [basicConstraints(false)], without: ['2.5.29.15'] },
      root,
    ),
  };
}
