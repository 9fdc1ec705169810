import { describe, expect, it } from 'vitest';
import * as der from '../../src/lib/ca/der-writer.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { generateKeyPair, type KeyPair } from '../../src/lib/ca/key-pair.js';
import { validatePath } from '../../src/lib/path/validate.js';
import type { PathQuestion, PathVerdict } from '../../src/lib/path/verification.js';
import { hostReference } from '../../src/lib/x509/server-identity.js';
import { cpuMs } from '../cpu-clock.js';
import { ask, chain, DAY, type Entity, type EntityRequest, HOUR, make, NOW, nameOf } from './tree.js';

const critical = (oid: string, value: Uint8Array): ext.ExtensionToWrite => ({ oid, critical: true, value });

/** Codes and rules of the best path, heaviest first. */
const verdictOf = (verdict: PathVerdict): string[] => verdict.problems.map(({ code, rule, index }) => `${code} ${rule} ${index}`);

function judge(
  leaf: EntityRequest = {},
  intermediate: EntityRequest = {},
  root: EntityRequest = {},
  more: Partial<PathQuestion> = {},
): string[] {
  const tree = chain(leaf, intermediate, root);
  return verdictOf(validatePath(ask(tree.leaf, [tree.intermediate], [tree.root], more)));
}

describe('a chain that keeps every rule', () => {
  it.each(['rfc5280', 'openssl', 'go'] as const)('is valid under %s, with every step ticked', (profile) => {
    const { root, intermediate, leaf } = chain({}, { pathLength: 0 });
    const verdict = validatePath(ask(leaf, [intermediate], [root], { profile, references: [hostReference('api.internal')] }));
    expect(verdictOf(verdict)).toEqual([]);
    expect(verdict.best.steps.map(({ role, checked }) => [role, ...checked])).toEqual([
      ['end-entity', 'name', 'time', 'signature', 'purpose server'],
      ['intermediate', 'time', 'signature', 'CA', 'path length'],
      ['anchor', 'time'],
    ]);
    expect(verdict.best.validUntil).toBe(NOW + 30 * DAY);
  });

  it('needs no order, and what does not belong does not hurt', () => {
    const { root, intermediate, leaf } = chain();
    const strangers = Array.from({ length: 20 }, (_, i) => make({ cn: `Stranger ${i}`, ca: true }));
    const verdict = validatePath(ask(leaf, [...strangers, root, intermediate, leaf], [...strangers, root]));
    expect(verdict.ok).toBe(true);
  });
});

describe('one rule broken', () => {
  it.each<[string, string[], EntityRequest, EntityRequest?, EntityRequest?, Partial<PathQuestion>?]>([
    ['the end entity ran out', ['expired not-after 0'], { notAfter: NOW - HOUR }],
    ['the end entity is not valid yet', ['not-yet-valid not-before 0'], { notBefore: NOW + HOUR }],
    ['the intermediate ran out', ['expired not-after 1'], {}, { notAfter: NOW - HOUR }],
    ['the root ran out', ['expired not-after 2'], {}, {}, { notAfter: NOW - HOUR }],
    ['the root ran out and does not count', [], {}, {}, { notAfter: NOW - HOUR }, { anchor: { enforceExpiry: false } }],
    ['the intermediate is no CA', ['not-a-ca basic-constraints-not-ca 1'], {}, { extensions: [ext.basicConstraints(false)] }],
    ['the intermediate has no basicConstraints', ['not-a-ca basic-constraints-missing 1'], {}, { without: ['2.5.29.19', '2.5.29.15'] }],
    ['the intermediate may not sign certificates', ['not-a-ca key-usage-no-cert-sign 1'], {}, { extensions: [ext.keyUsage(['cRLSign'])] }],
    ['the end entity is for clients', ['wrong-purpose ext-key-usage 0'], { extensions: [ext.extendedKeyUsage(['clientAuth'])] }],
    [
      'the intermediate is for clients',
      ['wrong-purpose ext-key-usage-nesting 1'],
      {},
      { extensions: [ext.extendedKeyUsage(['clientAuth'])] },
    ],
    ['a wanted key usage is missing', ['wrong-purpose key-usage 0'], {}, {}, {}, { requiredKeyUsage: ['keyEncipherment'] }],
    ['an RSA key of 1024 bits', ['weak-key rsa-too-short 0'], { keyType: 'rsa-1024' }],
    ['a signature of another key', ['bad-signature signature 0'], { breakSignature: true }],
    ['a damaged intermediate', ['bad-signature signature 1'], {}, { breakSignature: true }],
    [
      'an unknown critical extension',
      ['malformed unknown-critical-extension 0'],
      { extensions: [critical('1.3.6.1.4.1.55555.1', der.integer(1))] },
    ],
    [
      'an unknown critical extension in the intermediate',
      ['malformed unknown-critical-extension 1'],
      {},
      { extensions: [critical('1.3.6.1.4.1.55555.1', der.integer(1))] },
    ],
    [
      'another name',
      ['san-mismatch identity-dns 0'],
      { sans: ['other.internal'] },
      {},
      {},
      { references: [hostReference('api.internal')] },
    ],
    ['no name at all', ['no-san identity-dns 0'], { without: ['2.5.29.17'] }, {}, {}, { references: [hostReference('api.internal')] }],
    [
      'name constraints in an end entity',
      ['malformed name-constraints-in-leaf 0'],
      { extensions: [ext.nameConstraints({ permitted: [{ kind: 'dns', value: 'internal' }], excluded: [] })] },
    ],
    [
      'basicConstraints of the intermediate are not critical',
      ['malformed basic-constraints-not-critical 1'],
      {},
      { extensions: [{ ...ext.basicConstraints(true), critical: false }] },
    ],
    [
      'a critical extension that is known and not processed',
      ['malformed unknown-critical-extension 0'],
      { extensions: [{ ...ext.mustStaple(), critical: true }] },
    ],
    ['the serial number zero', ['malformed serial-not-positive 0'], { serial: Uint8Array.of(0) }],
    ['a serial number of 21 octets', ['malformed serial-too-long 0'], { serial: new Uint8Array(21).fill(0x41) }],
    ['no authority key identifier', ['malformed authority-key-identifier-missing 0'], { without: ['2.5.29.35'] }],
    ['more intermediates than wanted', ['path-length max-depth 2'], {}, {}, {}, { maxDepth: 0 }],
  ])('%s', (_, expected, leaf, intermediate = {}, root = {}, more = {}) => {
    expect(judge(leaf, intermediate, root, more).filter((problem) => problem !== 'malformed key-usage-without-ca 1')).toEqual(expected);
  });

  const rsa = generateKeyPair('rsa-2048');
  const integerAt = (spki: Uint8Array, exponent: number): Uint8Array => {
    // The exponent is the last INTEGER: 02 03 01 00 01.
    const changed = Uint8Array.from(spki);
    changed.set([exponent >> 16, (exponent >> 8) & 255, exponent & 255], changed.length - 3);
    return changed;
  };
  const ec = generateKeyPair('p256');
  const offCurve = Uint8Array.from(ec.spki, (octet, i) => (i === ec.spki.length - 1 ? octet ^ 1 : octet));

  it.each<[string, KeyPair, Uint8Array, RegExp | undefined]>([
    ['RSA with an even exponent', rsa, integerAt(rsa.spki, 65536), /exponent is even/],
    ['RSA as it is', rsa, rsa.spki, undefined],
    [
      'a curve that nobody knows',
      ec,
      Uint8Array.from(ec.spki, (octet, i) => (i === 22 ? 9 : octet)),
      /curve, 1\.2\.840\.10045\.3\.1\.9, is not known/,
    ],
    [
      'a type that nobody knows',
      ec,
      Uint8Array.from(ec.spki, (octet, i) => (i === 12 ? 9 : octet)),
      /type that is not known: 1\.2\.840\.10045\.2\.9/,
    ],
    ['a point that is on no curve', ec, offCurve, /not on the curve P-256/],
    ['a point that is', ec, ec.spki, undefined],
  ])('a key that is none: %s', (_, key, spki, wrong) => {
    const { root, intermediate, leaf } = chain({ key: { ...key, spki } });
    const verdict = validatePath(ask(leaf, [intermediate], [root]));
    expect(verdict.problems.map(({ rule, message }) => `${rule} ${message}`)).toEqual(
      wrong === undefined ? [] : [expect.stringMatching(/^encoding |^curve-unknown |^key-type-unknown /)],
    );
    if (wrong !== undefined) expect(verdict.problems[0]?.message).toMatch(wrong);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an attribute that is a number', der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.integer(5)))), /INTEGER is no string/],
    [
      'a PrintableString with other characters',
      der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.printableString('a@b')))),
      /no PrintableString/,
    ],
  ])('a name that is none: %s', (_, name, wrong) => {
    const { root, intermediate, leaf } = chain({ name });
    expect(validatePath(ask(leaf, [intermediate], [root])).problems.map(({ message }) => message)).toEqual([expect.stringMatching(wrong)]);
  });

  it('a control character in a subjectAltName, and a default that is written out', () => {
    const san = ext.subjectAltNames([
      { kind: 'dns', value: 'api.internal' },
      { kind: 'uri', value: 'http://a\0b' },
    ]);
    const messages = (request: EntityRequest): string[] => {
      const { root, intermediate, leaf } = chain(request);
      return validatePath(ask(leaf, [intermediate], [root])).problems.map(({ message }) => message);
    };
    expect(messages({ extensions: [san] })).toEqual([expect.stringMatching(/control characters/)]);
    const written = { ...ext.basicConstraints(false), value: Uint8Array.of(0x30, 3, 1, 1, 0) };
    expect(messages({ extensions: [written] })).toEqual([expect.stringMatching(/cA FALSE written out/)]);
  });

  it('SHA-1 is refused unless it is allowed', () => {
    expect(judge({ signatureAlgorithm: 'ecdsa-sha1' })).toEqual(['weak-signature weak-digest 0']);
    expect(judge({ signatureAlgorithm: 'ecdsa-sha1' }, {}, {}, { allowSha1: true })).toEqual([]);
  });

  it('too many authorities below one', () => {
    const root = make({ cn: 'Root', ca: true });
    const one = make({ cn: 'One', ca: true, issuer: root, pathLength: 0 });
    const two = make({ cn: 'Two', ca: true, issuer: one });
    const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: two });
    expect(verdictOf(validatePath(ask(leaf, [one, two], [root])))).toEqual(['path-length path-length 2']);
  });

  it('all of them are found, not only the first', () => {
    const found = judge(
      { notAfter: NOW - HOUR, sans: ['other.internal'], extensions: [ext.extendedKeyUsage(['clientAuth'])] },
      { extensions: [ext.keyUsage(['cRLSign'])] },
      {},
      { references: [hostReference('api.internal')] },
    );
    expect(found).toEqual([
      'expired not-after 0',
      'not-a-ca key-usage-no-cert-sign 1',
      'wrong-purpose ext-key-usage 0',
      'san-mismatch identity-dns 0',
    ]);
  });
});

describe('times', () => {
  it('both ends of the window count, to the second', () => {
    const times = { notBefore: NOW - DAY, notAfter: NOW };
    expect(judge(times, {}, {}, { at: NOW })).toEqual([]);
    expect(judge(times, {}, {}, { at: NOW + 999 })).toEqual([]);
    expect(judge(times, {}, {}, { at: NOW + 1000 })).toEqual(['expired not-after 0']);
    expect(judge({ notBefore: NOW, notAfter: NOW + DAY }, {}, {}, { at: NOW - 1 })).toEqual(['not-yet-valid not-before 0']);
  });

  it('says how far the clock would have to be moved when only dates stand against it', () => {
    const { root, intermediate, leaf } = chain({ notAfter: NOW - 90_000 });
    expect(validatePath(ask(leaf, [intermediate], [root])).validIfClockMovedSeconds).toBe(-90);
    const future = chain({ notBefore: NOW + 45_000 });
    expect(validatePath(ask(future.leaf, [future.intermediate], [future.root])).validIfClockMovedSeconds).toBe(45);
    const hopeless = chain({ notAfter: NOW - 90_000, sans: ['other'] });
    expect(
      validatePath(ask(hopeless.leaf, [hopeless.intermediate], [hopeless.root], { references: [hostReference('api.internal')] })),
    ).not.toHaveProperty('validIfClockMovedSeconds');
  });
});

describe('no path', () => {
  const missing = (leaf: Entity, intermediates: Entity[], anchors: Entity[], more: Partial<PathQuestion> = {}) => {
    const verdict = validatePath(ask(leaf, intermediates, anchors, more));
    expect(verdict.ok).toBe(false);
    return { code: verdict.problems[0]?.code, rule: verdict.problems[0]?.rule, missing: verdict.best.missing };
  };

  it('self-signed', () => {
    const leaf = make({ cn: 'self.internal', sans: ['self.internal'] });
    expect(missing(leaf, [], [])).toMatchObject({ code: 'self-signed' });
  });

  it('the intermediate was not sent: named by name and key identifier', () => {
    const { root, intermediate, leaf } = chain();
    const result = missing(leaf, [], [root]);
    expect(result).toMatchObject({
      code: 'missing-intermediate',
      missing: { name: 'CN=Issuing CA', keyIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/) },
    });
    // Found elsewhere, it is no longer a guess.
    const found = missing(leaf, [], [root], {
      elsewhere: [{ certificate: ask(intermediate, [], []).leaf.certificate, source: 'backup.pem' }],
    });
    expect(found).toMatchObject({
      code: 'missing-intermediate',
      rule: 'issuer-found',
      missing: { found: [{ source: 'backup.pem', selfSigned: false }] },
    });
  });

  it('the root is not trusted, sent along or not', () => {
    const { root, intermediate, leaf } = chain();
    const other = make({ cn: 'Other', ca: true });
    expect(missing(leaf, [intermediate, root], [other])).toMatchObject({ code: 'untrusted-root', rule: 'untrusted-root' });
    expect(missing(leaf, [intermediate], [other])).toMatchObject({ code: 'untrusted-root', missing: { name: 'CN=Root' } });
    expect(missing(leaf, [intermediate], [])).toMatchObject({ code: 'untrusted-root' });
  });

  it('a trusted root of the same name with another key is a stale bundle, whether the new root was sent or not', () => {
    const { root, intermediate, leaf } = chain();
    const old = make({ cn: 'Root', ca: true });
    const result = missing(leaf, [intermediate], [old]);
    expect(result).toMatchObject({ code: 'stale-trust-bundle', missing: { sameName: [{ trusted: true, source: 'root 1' }] } });
    expect(missing(leaf, [intermediate, root], [old])).toMatchObject({ code: 'stale-trust-bundle' });
    expect(missing(leaf, [intermediate], [old, root].slice(0, 1))).toMatchObject({ code: 'stale-trust-bundle' });
  });

  it('OpenSSL wants a root where a partial chain is enough for others', () => {
    const { intermediate, leaf } = chain();
    expect(validatePath(ask(leaf, [], [intermediate])).ok).toBe(true);
    expect(missing(leaf, [], [intermediate], { profile: 'openssl' })).toMatchObject({ code: 'untrusted-root', rule: 'partial-chain' });
    expect(validatePath(ask(leaf, [], [intermediate], { profile: 'openssl', partialChain: true })).ok).toBe(true);
  });
});

describe('the search', () => {
  it('finds the valid one of several paths: renewed roots, cross-signs, expired twins', () => {
    const root = make({ cn: 'Root', ca: true });
    const key = generateKeyPair('p256');
    const expired = make({ cn: 'CA', ca: true, issuer: root, key, notAfter: NOW - HOUR });
    const fresh = make({ cn: 'CA', ca: true, issuer: root, key });
    const elsewhere = make({ cn: 'CA', ca: true, issuer: make({ cn: 'Gone', ca: true }), key });
    const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: fresh });
    const verdict = validatePath(ask(leaf, [expired, elsewhere, fresh], [root]));
    expect(verdict.ok).toBe(true);
    expect(verdict.paths.length).toBe(3);
    expect(verdict.paths.map(({ ok, end }) => [ok, end])).toEqual([
      [true, 'anchor'],
      [false, 'anchor'],
      [false, 'no-issuer'],
    ]);
  });

  it('does not go round in circles', () => {
    const [a, b] = [generateKeyPair('p256'), generateKeyPair('p256')];
    const A = { name: nameOf('A'), key: a };
    const B = { name: nameOf('B'), key: b };
    const ab = make({ cn: 'A', ca: true, key: a, issuer: B });
    const ba = make({ cn: 'B', ca: true, key: b, issuer: A });
    const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: A });
    const verdict = validatePath(ask(leaf, [ab, ba], []));
    expect(verdict.ok).toBe(false);
    expect(verdict.paths).toHaveLength(1);
  });

  it('ends within its limits on a graph that is made to explode, and still finds the one way out', () => {
    const layers = 8;
    const width = 5;
    const root = make({ cn: 'Root', ca: true });
    let issuers: Entity[] = [root];
    const all: Entity[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const keys = Array.from({ length: width }, () => generateKeyPair('p256'));
      // Every key of a layer is certified by every key of the layer above under one name.
      const made = keys.flatMap((key) =>
        issuers
          .slice(0, width)
          .map((issuer) => make({ cn: `Layer ${layer}`, ca: true, key, issuer, ...(layer === 0 ? { notAfter: NOW - HOUR } : {}) })),
      );
      all.push(...made);
      issuers = keys.map((key) => ({ name: nameOf(`Layer ${layer}`), key, der: new Uint8Array(0) }));
    }
    const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: issuers[0] as Entity });
    const before = cpuMs();
    const verdict = validatePath(ask(leaf, all, [root]));
    expect(verdict.ok).toBe(false);
    expect(verdict.paths.length).toBeLessThanOrEqual(65);
    expect(cpuMs() - before).toBeLessThan(2000);
  });

  it('goes by RFC 5280 §7.1 when it compares names, and by bytes for Go', () => {
    const key = generateKeyPair('p256');
    const root = make({ cn: 'Corp  ROOT', ca: true, key });
    const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: { name: nameOf('corp root'), key } });
    expect(validatePath(ask(leaf, [], [root])).ok).toBe(true);
    expect(validatePath(ask(leaf, [], [root], { profile: 'go' })).ok).toBe(false);
  });
});

describe('profiles differ where the runtimes do', () => {
  it.each<[string, EntityRequest, Record<string, boolean>]>([
    ['common name only', { without: ['2.5.29.17'] }, { rfc5280: false, openssl: true, go: false }],
    ['underscore in the name', { sans: ['api_1.internal'] }, { rfc5280: false, openssl: true }],
    [
      'anyExtendedKeyUsage',
      { extensions: [ext.extendedKeyUsage(['2.5.29.37.0'])] },
      { rfc5280: true, openssl: false, go: true, webpki: false },
    ],
    ['keyUsage that TLS has no use for', { extensions: [ext.keyUsage(['nonRepudiation'])] }, { rfc5280: true, openssl: false, go: true }],
    ['serial number zero', { serial: Uint8Array.of(0) }, { rfc5280: false, openssl: true }],
  ])('%s', (what, request, expected) => {
    const { root, intermediate, leaf } = chain(request);
    const name = what.startsWith('underscore') ? 'api_1.internal' : 'api.internal';
    for (const [profile, ok] of Object.entries(expected)) {
      const verdict = validatePath(ask(leaf, [intermediate], [root], { profile: profile as 'go', references: [hostReference(name)] }));
      expect([profile, verdict.ok, verdictOf(verdict)]).toEqual([profile, ok, ok ? [] : expect.any(Array)]);
    }
  });
});
