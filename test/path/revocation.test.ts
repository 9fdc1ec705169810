import { describe, expect, it } from 'vitest';
import { createCrl, type RevokedEntry } from '../../src/lib/ca/crl.js';
import * as der from '../../src/lib/ca/der-writer.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { createOcspError, createOcspResponse } from '../../src/lib/ca/ocsp.js';
import { validatePath } from '../../src/lib/path/validate.js';
import type { PathQuestion } from '../../src/lib/path/verification.js';
import { parseCrl } from '../../src/lib/x509/crl.js';
import { parseOcspResponse } from '../../src/lib/x509/ocsp-response.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { cpuMs } from '../cpu-clock.js';
import { ask, chain, DAY, type Entity, type EntityRequest, HOUR, make, NOW } from './tree.js';

const { root, intermediate, leaf } = chain({ serial: Uint8Array.of(0x41, 0x01) }, { serial: Uint8Array.of(0x42) });

function list(issuer: Entity, revoked: readonly RevokedEntry[] = [], more: Partial<Parameters<typeof createCrl>[0]> = {}): Uint8Array {
  return createCrl({
    issuer: { subject: issuer.name, keyIdentifier: keyIdentifier(issuer.key.spki), key: issuer.key.key },
    thisUpdate: NOW - HOUR,
    nextUpdate: NOW + DAY,
    number: 7,
    revoked,
    ...more,
  }).der;
}

function judge(crls: Uint8Array[], more: Partial<PathQuestion> = {}, ocsp: Uint8Array[] = []): string[] {
  const question = ask(leaf, [intermediate], [root], { crls: crls.map(parseCrl), ocsp: ocsp.map(parseOcspResponse), ...more });
  return validatePath(question).problems.map(({ code, index, message }) => `${code} ${index} ${message}`);
}

const revokedLeaf: RevokedEntry[] = [{ serial: '4101', at: NOW - DAY, reason: 'keyCompromise' }];

describe('CRLs (RFC 5280 §6.3)', () => {
  it('say good, revoked with time and reason, or nothing', () => {
    expect(judge([list(intermediate), list(root)], { revocation: 'hard' })).toEqual([]);
    expect(judge([list(intermediate, revokedLeaf)])).toEqual([
      expect.stringMatching(/^revoked 0 CN=api.internal was revoked at 2026-11-21T12:00:00Z, reason keyCompromise/),
    ]);
    expect(judge([list(root, [{ serial: '42', at: NOW - DAY }])])).toEqual([
      expect.stringMatching(/^revoked 1 CN=Issuing CA .* reason unspecified/),
    ]);
    expect(judge([list(intermediate)])).toEqual([]);
    expect(judge([list(intermediate)], { revocation: 'hard' })).toEqual([
      expect.stringMatching(/^revocation-unavailable 1 .*no CRL of CN=Root is at hand/),
    ]);
    expect(judge([list(intermediate)], { revocation: 'hard-leaf' })).toEqual([]);
    expect(judge([list(intermediate, revokedLeaf)], { revocation: 'none' })).toEqual([]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['out of date', list(intermediate, [], { nextUpdate: NOW - 1000 }), /out of date since/],
    ['not yet in force', list(intermediate, [], { thisUpdate: NOW + HOUR }), /not yet in force/],
    ['signed by somebody else', list({ ...intermediate, key: root.key }), /signature does not verify/],
    [
      'with an unknown critical extension',
      list(intermediate, [], { extensions: [{ oid: '1.2.3.4', critical: true, value: der.nullValue() }] }),
      /critical extension/,
    ],
    [
      'for CA certificates only',
      list(intermediate, [], {
        extensions: [{ oid: '2.5.29.28', critical: true, value: der.sequence(der.contextPrimitive(2, Uint8Array.of(0xff))) }],
      }),
      /CA certificates only/,
    ],
    [
      'that covers some reasons only',
      list(intermediate, [], {
        extensions: [{ oid: '2.5.29.28', critical: true, value: der.sequence(der.contextPrimitive(3, Uint8Array.of(6, 0x40))) }],
      }),
      /no list covers the reasons/,
    ],
    ['with rubbish at its end', Uint8Array.from([...list(intermediate), 0]), /malformed/],
  ])('are not taken when %s', (_, crl, why) => {
    expect(judge([crl], { revocation: 'hard-leaf' })).toEqual([expect.stringMatching(why)]);
    // Soft: what cannot be used says nothing.
    expect(judge([crl])).toEqual([]);
  });

  it('older than wanted do not count', () => {
    expect(judge([list(intermediate, [], { thisUpdate: NOW - 3 * DAY })], { revocation: 'hard-leaf', crlMaxAgeDays: 2 })).toEqual([
      expect.stringMatching(/older than 2 days/),
    ]);
  });

  it('of a CA whose certificate may not sign lists do not count', () => {
    const tree = chain({}, { extensions: [ext.keyUsage(['keyCertSign'])] });
    const question = ask(tree.leaf, [tree.intermediate], [tree.root], {
      crls: [parseCrl(list(tree.intermediate))],
      revocation: 'hard-leaf',
    });
    expect(validatePath(question).problems[0]?.message).toMatch(/lacks cRLSign/);
  });

  it('deltas add and take back', () => {
    const delta = (revoked: RevokedEntry[], base = 7) =>
      list(intermediate, revoked, { number: 8, extensions: [{ oid: '2.5.29.27', critical: true, value: der.integer(base) }] });
    expect(judge([list(intermediate), delta(revokedLeaf)])).toEqual([expect.stringMatching(/^revoked 0/)]);
    expect(judge([list(intermediate), delta(revokedLeaf, 9)])).toEqual([]);
    const hold = list(intermediate, [{ serial: '4101', at: NOW - DAY, reason: 'certificateHold' }]);
    expect(judge([hold])).toEqual([expect.stringMatching(/certificateHold/)]);
  });

  it('the latest list counts, whatever the order they are given in', () => {
    const older = { thisUpdate: NOW - DAY, number: 6 };
    const both = (lists: Uint8Array[]): string[][] => [
      judge(lists, { revocation: 'hard-leaf' }),
      judge(lists.reverse(), { revocation: 'hard-leaf' }),
    ];
    // An older list that is still in date hides nothing, and a hold that was lifted is over.
    for (const found of both([list(intermediate, [], older), list(intermediate, revokedLeaf)]))
      expect(found).toEqual([expect.stringMatching(/^revoked 0/)]);
    const hold: RevokedEntry[] = [{ serial: '4101', at: NOW - 2 * DAY, reason: 'certificateHold' }];
    for (const found of both([list(intermediate, hold, older), list(intermediate)])) expect(found).toEqual([]);
  });

  it('of many entries are walked in place', () => {
    const many = Array.from({ length: 40_000 }, (_, i) => ({ serial: (0x500000 + i).toString(16), at: NOW - DAY }));
    const crl = list(intermediate, [...many, ...revokedLeaf]);
    const before = cpuMs();
    const parsed = parseCrl(crl);
    expect(parsed.entryCount).toBe(40_001);
    expect(parsed.find(parseCertificate(leaf.der))).toMatchObject({ reason: 'keyCompromise' });
    expect(cpuMs() - before).toBeLessThan(200);
  });
});

describe('OCSP responses (RFC 6960)', () => {
  const answer = (more: Partial<Parameters<typeof createOcspResponse>[0]> = {}) =>
    createOcspResponse({
      issuer: { subject: intermediate.name, spki: intermediate.key.spki },
      responder: { key: intermediate.key.key, spki: intermediate.key.spki },
      serial: '4101',
      status: 'good',
      thisUpdate: NOW - HOUR,
      nextUpdate: NOW + HOUR,
      ...more,
    });
  const leafOnly = { revocation: 'hard-leaf' } as const;

  it('say good, revoked or unknown', () => {
    expect(judge([], leafOnly, [answer()])).toEqual([]);
    expect(judge([], {}, [answer({ status: { revokedAt: NOW - DAY, reason: 'superseded' } })])).toEqual([
      expect.stringMatching(/^revoked 0 .*superseded/),
    ]);
    expect(judge([], leafOnly, [answer({ status: 'unknown' })])).toEqual([expect.stringMatching(/does not know the certificate/)]);
  });

  it('are refused when out of date, about another certificate, or errors', () => {
    expect(judge([], leafOnly, [answer({ nextUpdate: NOW - 1000 })])).toEqual([expect.stringMatching(/out of date/)]);
    expect(judge([], leafOnly, [answer({ thisUpdate: NOW + HOUR })])).toEqual([expect.stringMatching(/future/)]);
    // A responder that signs anew for each question does so after the moment that is judged at.
    expect(judge([], leafOnly, [answer({ thisUpdate: NOW + 2000 })])).toEqual([]);
    expect(judge([], leafOnly, [answer({ serial: '4102' })])).toEqual([expect.stringMatching(/no OCSP response about it/)]);
    expect(judge([], leafOnly, [createOcspError(3)])).toEqual([expect.stringMatching(/tryLater/)]);
  });

  it('count by a delegate only when the issuer put it in charge', () => {
    const delegate = (usage: string, issuer: Entity) => make({ cn: 'OCSP', issuer, extensions: [ext.extendedKeyUsage([usage])] });
    const signedBy = (entity: Entity) => answer({ responder: { key: entity.key.key, spki: entity.key.spki, certificate: entity.der } });
    expect(judge([], leafOnly, [signedBy(delegate('ocspSigning', intermediate))])).toEqual([]);
    expect(judge([], leafOnly, [signedBy(delegate('serverAuth', intermediate))])).toEqual([expect.stringMatching(/not put in charge/)]);
    expect(judge([], leafOnly, [signedBy(delegate('ocspSigning', root))])).toEqual([expect.stringMatching(/not put in charge/)]);
    expect(judge([], leafOnly, [answer({ responder: { key: root.key.key, spki: root.key.spki } })])).toEqual([
      expect.stringMatching(/not by the issuer/),
    ]);
  });

  it('count by the delegate who keeps the rules, when several are of one name', () => {
    const delegate = (extensions: EntityRequest['extensions'] = [], more: EntityRequest = {}) =>
      make({ cn: 'OCSP', issuer: intermediate, ...more, extensions: [ext.extendedKeyUsage(['ocspSigning']), ...(extensions ?? [])] });
    const signedBy = (entity: Entity) => answer({ responder: { key: entity.key.key, spki: entity.key.spki, certificate: entity.der } });
    const refused = (entity: Entity, why: RegExp): void =>
      expect(judge([], leafOnly, [signedBy(entity)])).toEqual([expect.stringMatching(why)]);
    refused(delegate([ext.keyUsage(['keyEncipherment'])]), /may not sign: keyUsage is keyEncipherment/);
    refused(delegate([{ oid: '1.3.6.1.4.1.55555.1', critical: true, value: der.nullValue() }]), /critical extension 1\.3\.6/);
    refused(delegate([], { notAfter: NOW - HOUR }), /ran out/);
    refused(delegate([], { breakSignature: true }), /not signed by the issuer/);
  });

  it('without a next update count while they are recent', () => {
    const undated = (thisUpdate: number) => answer({ thisUpdate, nextUpdate: undefined });
    expect(judge([], leafOnly, [undated(NOW - DAY)])).toEqual([]);
    expect(judge([], leafOnly, [undated(NOW - 8 * DAY)])).toEqual([expect.stringMatching(/names no next update and is older than 7 days/)]);
    expect(judge([], { ...leafOnly, crlMaxAgeDays: 30 }, [undated(NOW - 8 * DAY)])).toEqual([]);
  });

  it('do not hide what a list says, nor a later answer what an earlier one says', () => {
    const revoked = answer({ status: { revokedAt: NOW - DAY, reason: 'superseded' } });
    expect(judge([list(intermediate, revokedLeaf)], leafOnly, [answer()])).toEqual([expect.stringMatching(/^revoked 0/)]);
    expect(judge([list(intermediate)], leafOnly, [revoked])).toEqual([expect.stringMatching(/^revoked 0/)]);
    expect(judge([], leafOnly, [answer(), revoked])).toEqual([expect.stringMatching(/^revoked 0/)]);
  });
});
