import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { issueCertificate } from '../../../src/lib/ca/issue.js';
import { inspectInputs } from '../../../src/lib/operations/inspect.js';
import { inspectionDocument } from '../../../src/lib/report/inspection-json.js';
import { renderInspection } from '../../../src/lib/report/inspection-text.js';
import { plainView } from '../../../src/lib/report/view.js';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';
import { cpuMs } from '../../cpu-clock.js';
import { HAS_KEYTOOL, HAS_OPENSSL, runIn } from './programs.js';

const issued = issueCertificate(createAuthority(), { names: ['web.internal', '10.0.0.7', 'spiffe://corp/web'] });
const seeds: Uint8Array[] = [
  Buffer.from(issued.chainPem + issued.keyPem),
  issued.der,
  Buffer.from(`kind: Secret\ndata:\n  tls.crt: ${Buffer.from(issued.certPem).toString('base64')}\n`),
  Buffer.from(`A="${issued.certPem.replaceAll('\n', '\\n')}"\n`),
  Buffer.from(Buffer.from(issued.certPem).toString('base64')),
];

/** Reads, judges and draws: the whole way of a file through the command. */
async function walk(bytes: Uint8Array): Promise<string> {
  const reading = await readContainer(bytes, { passphrases: ['secret'] });
  const inspection = inspectInputs([{ label: 'fuzz', kind: 'file', found: false, reading }], 1_800_000_000_000, true);
  JSON.stringify(inspectionDocument(inspection), (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return renderInspection(inspection, plainView());
}

beforeAll(() => {
  if (!HAS_OPENSSL) return;
  const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-fuzz-'));
  writeFileSync(join(folder, 'k'), issued.keyPem as string, { mode: 0o600 });
  writeFileSync(join(folder, 'c'), issued.chainPem);
  // Few rounds: a mutated file is tried thousands of times.
  runIn(
    folder,
    'openssl',
    'pkcs12',
    '-export',
    '-iter',
    '1',
    '-nomaciter',
    '-inkey',
    'k',
    '-in',
    'c',
    '-passout',
    'pass:secret',
    '-out',
    'p12',
  );
  runIn(
    folder,
    'openssl',
    'pkcs12',
    '-export',
    '-nomac',
    '-iter',
    '1',
    '-inkey',
    'k',
    '-in',
    'c',
    '-passout',
    'pass:secret',
    '-out',
    'nomac',
  );
  runIn(folder, 'openssl', 'crl2pkcs7', '-nocrl', '-certfile', 'c', '-outform', 'DER', '-out', 'p7');
  seeds.push(...['p12', 'nomac', 'p7'].map((name) => readFileSync(join(folder, name))));
  if (HAS_KEYTOOL) {
    runIn(
      folder,
      'keytool',
      '-importcert',
      '-noprompt',
      '-alias',
      'a',
      '-file',
      'c',
      '-keystore',
      'jks',
      '-storetype',
      'JKS',
      '-storepass',
      'secret',
    );
    seeds.push(readFileSync(join(folder, 'jks')));
  }
  rmSync(folder, { recursive: true });
});

/** Some bytes changed, cut out, doubled or put in. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('set', 'flip', 'cut', 'double', 'insert'),
  value: fc.integer({ min: 0, max: 255 }),
  length: fc.integer({ min: 1, max: 40 }),
});

function mutate(seed: Uint8Array, changes: readonly { at: number; kind: string; value: number; length: number }[]): Uint8Array {
  let bytes = Buffer.from(seed);
  for (const { at, kind, value, length } of changes) {
    const place = Math.floor(at * bytes.length);
    if (kind === 'set' || kind === 'flip') bytes[place] = kind === 'set' ? value : (bytes[place] ?? 0) ^ (1 << (value & 7));
    else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
    else if (kind === 'double') bytes = Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
    else bytes = Buffer.concat([bytes.subarray(0, place), Buffer.alloc(length, value), bytes.subarray(place)]);
  }
  return bytes;
}

describe('hostile input', () => {
  it('arbitrary bytes: nothing is thrown, nothing takes long', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const before = cpuMs();
        await walk(bytes);
        expect(cpuMs() - before).toBeLessThan(1000);
      }),
      { numRuns: 400 },
    );
  });
  it('arbitrary text: nothing is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
        await walk(Buffer.from(text));
      }),
      { numRuns: 300 },
    );
  });
  it('real files with mutations: nothing is thrown, nothing takes long, and nothing of the key is shown', async () => {
    const secret = (issued.keyPem as string).split('\n')[2] as string;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 6 }), async (pick, changes) => {
        const bytes = mutate(seeds[pick % seeds.length] as Uint8Array, changes);
        const before = cpuMs();
        const text = await walk(bytes);
        expect(cpuMs() - before).toBeLessThan(1000);
        expect(text).not.toContain(secret);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 900 },
    );
  }, 60_000);
});

describe('bounds', () => {
  const within = async (bytes: Uint8Array, ms = 1500): Promise<void> => {
    const before = cpuMs();
    await walk(bytes);
    expect(cpuMs() - before).toBeLessThan(ms);
  };
  it('half a megabyte of blanks, dashes, BEGIN lines, opening brackets, assignments', async () => {
    for (const unit of [
      ' ',
      '-',
      '\n',
      '-----BEGIN CERTIFICATE-----\n',
      '-----BEGIN ',
      '[',
      '{"a":',
      'A=',
      'A="',
      'MIIBAAAA',
      'LS0tLS1CRUdJTi',
      '- ',
      'kind: Secret\n',
      '\\n',
      '0x30 82 ',
    ]) {
      await within(Buffer.from(unit.repeat(Math.floor(500_000 / unit.length))), 3000);
    }
  }, 60_000);
  it('a PEM block with a megabyte of blanks in it', () => within(Buffer.from(`-----BEGIN CERTIFICATE-----\n${' '.repeat(1_000_000)}`)));
  it('BER nested a hundred thousand deep', () =>
    within(
      Buffer.concat([
        Uint8Array.of(0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02),
        Buffer.alloc(200_000, Uint8Array.of(0x30, 0x80)),
      ]),
    ));
  it('YAML that multiplies itself by aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i}: &a${i} [${Array.from({ length: 9 }, () => (i === 0 ? 'lol' : `*a${i - 1}`)).join(', ')}]`,
    );
    return within(Buffer.from(`kind: Secret\napiVersion: v1\n${levels.join('\n')}\n`));
  });
  it('base64 in base64 in base64: followed a few times, then left', async () => {
    let text = issued.certPem;
    for (let i = 0; i < 12; i++) text = Buffer.from(text).toString('base64');
    await within(Buffer.from(text));
  });
  it.skipIf(!HAS_OPENSSL)('a PKCS#12 file that wants millions of rounds is not obeyed, with and without a passphrase', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-rounds-'));
    writeFileSync(join(folder, 'k'), issued.keyPem as string, { mode: 0o600 });
    writeFileSync(join(folder, 'c'), issued.chainPem);
    runIn(folder, 'openssl', 'pkcs12', '-export', '-iter', '70000', '-inkey', 'k', '-in', 'c', '-passout', 'pass:secret', '-out', 'p12');
    const bytes = readFileSync(join(folder, 'p12'));
    rmSync(folder, { recursive: true });
    // Wherever 70,000 stands as an INTEGER, write 8,388,607.
    let changed = 0;
    for (let at = bytes.indexOf('0203011170', 0, 'hex'); at >= 0; at = bytes.indexOf('0203011170', at + 1, 'hex'))
      changed += bytes.write('7fffff', at + 2, 'hex');
    expect(changed).toBeGreaterThanOrEqual(6);
    const before = cpuMs();
    expect((await readContainer(bytes, { passphrases: [] })).items.length).toBeGreaterThan(0);
    await readContainer(bytes, { passphrases: ['secret'] });
    expect(cpuMs() - before).toBeLessThan(1000);
  });
});
