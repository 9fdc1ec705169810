import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { createCrl } from '../../src/lib/ca/crl.js';
import { createFaultIssuers } from '../../src/lib/ca/fault-issuers.js';
import { FAULT_NAMES, type FaultName, issueFaulty } from '../../src/lib/ca/faults.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { verifyChain } from '../../src/lib/operations/verify-chain.js';
import { installed, openssl, scratchFolder, verifyErrors } from './openssl.js';

const scratch = scratchFolder();
afterAll(scratch.remove);

const now = Date.now();
const authority = createAuthority({ now });
const issuers = createFaultIssuers(authority.root, authority.intermediate, now);
const names = ['api.internal', '10.0.0.7'];

/** Everything a strict verifier looks at; `10.0.0.7` and not the DNS name, since openssl still falls back to the common name for those. */
const STRICT = ['-x509_strict', '-auth_level', '2', '-purpose', 'sslserver', '-verify_ip', '10.0.0.7'];

/**
 * What `openssl verify` has to say of each fault: its error number, and at which depth. `consequence` is an error that follows from the same
 * certificate in the same place. A fault that no verifier sees (the key file, the order in the file) shows when the pair is loaded.
 */
const EXPECTED: Record<FaultName, { error: number; depth: number; consequence?: number } | 'pair'> = {
  expired: { error: 10, depth: 0 },
  'not-yet-valid': { error: 9, depth: 0 },
  'wrong-san': { error: 64, depth: 0 },
  'no-san': { error: 64, depth: 0 },
  'self-signed': { error: 18, depth: 0 },
  'untrusted-root': { error: 20, depth: 1 },
  'same-name-root': { error: 20, depth: 1 },
  'missing-intermediate': { error: 20, depth: 0 },
  'expired-intermediate': { error: 10, depth: 1 },
  'wrong-purpose': { error: 26, depth: 0 },
  // An authority that is none is not fit for the purpose of an authority either.
  'not-a-ca': { error: 79, depth: 1, consequence: 26 },
  'path-length': { error: 25, depth: 2 },
  'name-constraint': { error: 47, depth: 0 },
  'weak-key': { error: 66, depth: 0 },
  'weak-signature': { error: 68, depth: 0 },
  'bad-signature': { error: 7, depth: 0 },
  'wrong-order': 'pair',
  revoked: { error: 23, depth: 0 },
  'key-mismatch': 'pair',
};

const rootFile = scratch.write('ca.crt', authority.root.pem);
const rootCrl = createCrl({ issuer: authority.root, thisUpdate: now - 1000, nextUpdate: now + 1e9, number: 1, revoked: [] }).pem;
const intermediateCrl = createCrl({
  issuer: authority.intermediate,
  thisUpdate: now - 1000,
  nextUpdate: now + 1e9,
  number: 1,
  revoked: [],
}).pem;

/** `openssl verify` of a chain file as it stands: its first certificate, with the others to build from. */
function verify(chainPem: string, more: readonly string[] = []): { ok: boolean; text: string } {
  const file = scratch.write('chain.crt', chainPem);
  return openssl(['verify', ...STRICT, '-CAfile', rootFile, '-untrusted', file, ...more, file]);
}

describe.skipIf(!installed('openssl'))('openssl', () => {
  it('accepts the same certificate without a fault, revocation lists included', () => {
    const good = issueCertificate(authority, { names, now });
    const crls = scratch.write('ca.crl', intermediateCrl + rootCrl);
    const { ok, text } = verify(good.chainPem, ['-crl_check_all', '-CRLfile', crls]);
    expect(ok, text).toBe(true);
  });

  it.each(FAULT_NAMES.filter((name) => EXPECTED[name] !== 'pair'))('refuses %s for that reason and no other', (fault) => {
    const expected = EXPECTED[fault] as { error: number; depth: number; consequence?: number };
    const made = issueFaulty(fault, authority, issuers, { names, now });
    const crl = made.crlPem === undefined ? [] : ['-crl_check_all', '-CRLfile', scratch.write('ca.crl', made.crlPem + rootCrl)];
    const { ok, text } = verify(made.chainPem, crl);
    expect(ok).toBe(false);
    expect(verifyErrors(text), text).toEqual([expected.error, ...(expected.consequence === undefined ? [] : [expected.consequence])]);
    expect(text).toMatch(new RegExp(`error ${expected.error} at ${expected.depth} depth`));
    expect(keyBelongs(made.chainPem, made.keyPem)).toBe(true);
  });

  it('cannot load the pair of key-mismatch, whose chain is good', () => {
    const made = issueFaulty('key-mismatch', authority, issuers, { names, now });
    expect(verify(made.chainPem).ok).toBe(true);
    expect(load(made.chainPem, made.keyPem)).toMatch(/key values mismatch/);
  });

  it('cannot load the pair of wrong-order, which is good once the certificate comes first', () => {
    const made = issueFaulty('wrong-order', authority, issuers, { names, now });
    expect(load(made.chainPem, made.keyPem)).toMatch(/key values mismatch/);
    const [first, second] = made.chainPem.split(/(?=-----BEGIN)/) as [string, string];
    expect(verify(second + first).ok).toBe(true);
    expect(keyBelongs(second, made.keyPem)).toBe(true);
  });

  it.each(['server', 'client', 'peer'] as const)('finds wrong-purpose unfit for what %s is for', (profile) => {
    const made = issueFaulty('wrong-purpose', authority, issuers, { names, now, profile });
    for (const purpose of profile === 'peer' ? ['sslserver', 'sslclient'] : [`ssl${profile}`]) {
      const { text } = verify(made.chainPem, ['-purpose', purpose]);
      expect(verifyErrors(text)).toEqual([26]);
    }
  });

  it('refuses path-length also where the intermediate allows one more', () => {
    const roomy = createAuthority({ now, pathLength: 1 });
    const made = issueFaulty('path-length', roomy, createFaultIssuers(roomy.root, roomy.intermediate, now), { names, now });
    const file = scratch.write('chain.crt', made.chainPem);
    const { text } = openssl(['verify', ...STRICT, '-CAfile', scratch.write('roomy.crt', roomy.root.pem), '-untrusted', file, file]);
    expect(verifyErrors(text)).toEqual([25]);
  });
});

it('an authority with an Ed25519 key says why it cannot sign with SHA-1', () => {
  const edwards = createAuthority({ now, keyType: 'ed25519' });
  const attempt = () => issueFaulty('weak-signature', edwards, createFaultIssuers(edwards.root, edwards.intermediate, now), { names, now });
  expect(attempt).toThrowError(expect.objectContaining({ code: 'fault-impossible', kind: 'usage' }));
});

describe('wrong-san', () => {
  it.each([
    [['api.internal'], ['wrong.san.api.internal']],
    [['*.svc.internal'], ['wrong.san.svc.internal']],
    [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.3', '10.0.0.3'],
    ],
    [['alice@example.com'], ['wrong-alice@example.com']],
    [['spiffe://prod/a'], ['spiffe://prod/a/wrong']],
  ])('of %j names none of them', (asked, given) => {
    const made = issueFaulty('wrong-san', authority, issuers, { names: asked, now });
    expect(made.issued.sans.map((san) => san.value)).toEqual([...new Set(given)]);
  });
});

function keyBelongs(chainPem: string, keyPem: string): boolean {
  return new X509Certificate(chainPem).publicKey.equals(createPublicKey(createPrivateKey(keyPem)));
}

/** What a server says that is to serve the pair. */
function load(chainPem: string, keyPem: string): string {
  const [cert, key] = [scratch.write('pair.crt', chainPem), scratch.write('pair.key', keyPem)];
  return openssl(['s_server', '-accept', '0', '-cert', cert, '-key', key]).text;
}

describe('our own verification names each fault', () => {
  const CODES: Partial<Record<FaultName, string>> = {
    expired: 'expired',
    'not-yet-valid': 'not-yet-valid',
    'wrong-san': 'san-mismatch',
    'no-san': 'no-san',
    'self-signed': 'self-signed',
    'untrusted-root': 'untrusted-root',
    'same-name-root': 'stale-trust-bundle',
    'missing-intermediate': 'missing-intermediate',
    'expired-intermediate': 'expired',
    'wrong-purpose': 'wrong-purpose',
    'not-a-ca': 'not-a-ca',
    'path-length': 'path-length',
    'name-constraint': 'name-constraint',
    'weak-key': 'weak-key',
    'weak-signature': 'weak-signature',
    'bad-signature': 'bad-signature',
    revoked: 'revoked',
  };
  it.each(Object.entries(CODES) as [FaultName, string][])('%s: %s', async (fault, code) => {
    const made = issueFaulty(fault, authority, issuers, { names, now, profile: 'server' });
    const [leaf = '', ...above] = made.chainPem.split(/(?=-----BEGIN)/);
    const verification = await verifyChain({
      leaf,
      intermediates: above,
      roots: [authority.root.pem],
      crls: made.crlPem === undefined ? [] : [made.crlPem, rootCrl],
      at: new Date(now),
      hostname: 'api.internal',
      purpose: 'server',
    });
    expect(verification.causes.map((cause) => cause.code)).toEqual([code]);
  });
});

describe('a fault breaks one thing: the rest is checked as ever', () => {
  const constrained = createAuthority({ now, nameConstraints: { permitted: [{ kind: 'dns', value: 'internal' }] } });
  const unfit = createFaultIssuers(constrained.root, constrained.intermediate, now);
  it.each(FAULT_NAMES.filter((name) => name !== 'name-constraint'))('%s of a name that may not be certified is refused', (fault) => {
    expect(() => issueFaulty(fault, constrained, unfit, { names: ['api.example.com'], now })).toThrowError(
      expect.objectContaining({ code: 'name-not-permitted' }),
    );
  });
  it('so is one that outlives its issuer, and one without a name', () => {
    expect(() => issueFaulty('revoked', authority, issuers, { names, now, lifetimeSeconds: 1e9 })).toThrowError(
      expect.objectContaining({ code: 'outlives-issuer' }),
    );
    expect(() => issueFaulty('no-san', authority, issuers, { names: [], now })).toThrowError(expect.objectContaining({ code: 'no-name' }));
  });
});
