import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrl } from '../../src/lib/ca/crl.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { createOcspResponse } from '../../src/lib/ca/ocsp.js';
import { verifyChain } from '../../src/lib/operations/verify-chain.js';
import { parseCrl } from '../../src/lib/x509/crl.js';
import { derReader, walkDer } from '../../src/lib/x509/der.js';
import { parseOcspResponse } from '../../src/lib/x509/ocsp-response.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { readPem, writePem } from '../../src/lib/x509/pem.js';
import { chain, DAY, NOW } from './tree.js';

/** Hostile input: no exception, no run over a second, whatever the bytes. */

const RUNS = Number(process.env.TLSMEDIC_FUZZ_RUNS ?? 400);

const { root, intermediate, leaf } = chain(
  {
    sans: ['api.internal', '10.0.0.7', 'ops@corp.internal', 'spiffe://corp/api'],
    extensions: [ext.crlDistributionPoints(['http://pki.internal/ca.crl']), ext.certificatePolicies(['1.2.3.4'])],
  },
  { extensions: [ext.nameConstraints({ permitted: [{ kind: 'dns', value: 'internal' }], excluded: [] })] },
);
const crl = createCrl({
  issuer: { subject: intermediate.name, keyIdentifier: keyIdentifier(intermediate.key.spki), key: intermediate.key.key },
  thisUpdate: NOW - DAY,
  nextUpdate: NOW + DAY,
  number: 1,
  revoked: [
    { serial: '01', at: NOW - DAY, reason: 'keyCompromise' },
    { serial: '7f01', at: NOW - DAY },
  ],
}).der;
const ocsp = createOcspResponse({
  issuer: { subject: intermediate.name, spki: intermediate.key.spki },
  responder: { key: intermediate.key.key, spki: intermediate.key.spki },
  serial: '01',
  status: 'good',
  thisUpdate: NOW,
});

/** Bytes turned over, cut off, put in twice, lengths made up. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(bytes.length - 1);
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at, value: fc.nat(255) }),
    fc.record({ kind: fc.constant('cut' as const), at, value: fc.nat(64) }),
    fc.record({ kind: fc.constant('repeat' as const), at, value: fc.nat(64) }),
    fc.record({ kind: fc.constant('end' as const), at, value: fc.constant(0) }),
    fc.record({ kind: fc.constant('length' as const), at, value: fc.constantFrom(0x80, 0x81, 0x84, 0x88, 0xff, 0x00, 0x30) }),
  );
  return fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => {
    let mutated = Buffer.from(bytes);
    for (const { kind, at, value } of edits) {
      const place = mutated.length === 0 ? 0 : at % mutated.length;
      if (kind === 'set' || kind === 'length') mutated[place] = value;
      else if (kind === 'cut') mutated = Buffer.concat([mutated.subarray(0, place), mutated.subarray(place + value)]);
      else if (kind === 'repeat')
        mutated = Buffer.concat([mutated.subarray(0, place), mutated.subarray(place, place + value), mutated.subarray(place)]);
      else mutated = mutated.subarray(0, place);
    }
    return new Uint8Array(mutated);
  });
}

/** Touches everything that is decoded late. */
function readAll(der: Uint8Array): void {
  const certificate = parseCertificate(der);
  void certificate.problems;
  for (const field of Object.getOwnPropertyNames(Object.getPrototypeOf(certificate)))
    void (certificate as unknown as Record<string, unknown>)[field];
  void [certificate.subject.text, certificate.subject.key, certificate.issuer.key];
}

async function withinASecond(run: () => unknown): Promise<void> {
  const start = process.cpuUsage();
  await run();
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
}

describe('hostile bytes', () => {
  it('never make the DER reader throw or run on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), (bytes) =>
        withinASecond(() => {
          expect([...walkDer(bytes)].length).toBeLessThanOrEqual(bytes.length);
          const reader = derReader(bytes);
          while (reader.more) if (reader.next('element') === undefined) break;
          readAll(bytes);
        }),
      ),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['certificate', leaf.der, readAll],
    ['CRL', crl, (der: Uint8Array) => [...parseCrl(der).entries(), parseCrl(der).find(parseCertificate(leaf.der))]],
    ['OCSP response', ocsp, parseOcspResponse],
  ] as const)('never make the reader of a mutated %s throw or run on', async (_, original, read) => {
    await fc.assert(
      fc.asyncProperty(mutations(original), (bytes) => withinASecond(() => read(bytes))),
      { numRuns: RUNS },
    );
  });

  it('never make the PEM reader throw, and undamaged blocks come back', async () => {
    const block = writePem('CERTIFICATE', leaf.der);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ maxLength: 200 }),
        fc.boolean(),
        fc.boolean(),
        (before, after, crlf, escaped) =>
          withinASecond(() => {
            void readPem(before);
            const form = escaped ? block.replaceAll('\n', '\\n') : crlf ? block.replaceAll('\n', '\r\n') : block;
            const clean = (text: string): string => text.replaceAll('-', '_');
            const found = readPem(`\ufeff${clean(before)}\n${form}\n${clean(after)}`);
            expect(found.map(({ label, problem }) => [label, problem])).toEqual([['CERTIFICATE', undefined]]);
            expect(Buffer.from(found[0]?.der ?? []).equals(Buffer.from(leaf.der))).toBe(true);
          }),
      ),
      { numRuns: RUNS },
    );
  });

  it('never make verifyChain throw, run on, or accept a changed certificate', async () => {
    const question = {
      intermediates: [intermediate.der],
      roots: [root.der],
      crls: [crl],
      ocspResponses: [ocsp],
      at: NOW,
      hostname: 'api.internal',
    };
    expect((await verifyChain({ ...question, leaf: leaf.der })).valid).toBe(true);
    await fc.assert(
      fc.asyncProperty(
        mutations(leaf.der),
        mutations(intermediate.der),
        mutations(crl),
        fc.nat(3),
        async (badLeaf, badIntermediate, badCrl, which) =>
          withinASecond(async () => {
            const changed = {
              ...question,
              leaf: which === 0 ? badLeaf : leaf.der,
              intermediates: which === 1 ? [badIntermediate] : question.intermediates,
              roots: which === 2 ? [badIntermediate] : question.roots,
              crls: [badCrl],
            };
            const { valid } = await verifyChain(changed);
            const original = { 0: leaf.der, 1: intermediate.der }[which];
            const given = { 0: badLeaf, 1: badIntermediate }[which];
            if (original !== undefined && given !== undefined && !Buffer.from(original).equals(Buffer.from(given)))
              expect(valid).toBe(false);
          }),
      ),
      { numRuns: RUNS },
    );
  });
});
