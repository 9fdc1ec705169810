import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { X509Certificate } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { walkDer } from '../../src/lib/x509/der.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { certificatesFromPem } from '../../src/lib/x509/pem.js';
import { make } from '../path/tree.js';

/** Our reader against `openssl asn1parse` and @peculiar/x509, on certificates that other projects made (../shared/path) and on our own. */

const CASES = fileURLToPath(new URL('../../../shared/path/data', import.meta.url));
if (!existsSync(CASES)) console.log('differential check: the corpus is not here (../shared/path); only our own certificates are compared');

function corpus(): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const keyType of ['p256', 'p384', 'ed25519', 'rsa-2048'] as const) {
    const { der } = make({ cn: `own ${keyType}`, keyType, sans: ['api.internal', '10.0.0.7'] });
    found.set(keyType, der);
  }
  for (const name of existsSync(CASES) ? readdirSync(CASES) : []) {
    for (const line of gunzipSync(readFileSync(`${CASES}/${name}`))
      .toString()
      .trim()
      .split('\n')) {
      const { id, leaf, intermediates, roots } = JSON.parse(line) as { id: string; leaf: string; intermediates: string[]; roots: string[] };
      // BetterTLS repeats a few certificates hundreds of times over.
      if (name.startsWith('bettertls') && found.size % 7 !== 0) continue;
      for (const pem of [leaf, ...intermediates, ...roots])
        if (!found.has(pem)) for (const der of certificatesFromPem(pem)) found.set(`${id} ${found.size}`, der);
    }
  }
  const distinct = new Map<string, Uint8Array>();
  const seen = new Set<string>();
  for (const [label, der] of found) {
    const print = Buffer.from(der).toString('latin1');
    if (!seen.has(print)) distinct.set(label, der);
    seen.add(print);
  }
  return distinct;
}

/** The library decodes all extensions at once and throws when one is broken. */
function extensionsOf(certificate: X509Certificate): [string, boolean][] | undefined {
  try {
    return certificate.extensions.map(({ type, critical }): [string, boolean] => [type, critical]);
  } catch {
    return undefined; // our own reader has to have found fault with it too
  }
}

const all = corpus();

describe(`${all.size} certificates`, () => {
  const openssl = spawnSync('openssl', ['version']).status === 0;
  it.skipIf(!openssl)('are the same elements at the same offsets to openssl asn1parse', { timeout: 280_000 }, () => {
    // A process for each is slow: every third, and all that our reader finds fault with.
    let compared = 0;
    for (const [label, der] of [...all].filter(([, bytes], i) => i % 3 === 0 || parseCertificate(bytes).problems.length > 0)) {
      const { stdout, status } = spawnSync('openssl', ['asn1parse', '-inform', 'DER'], { input: der, maxBuffer: 64 * 1024 * 1024 });
      const theirs = [...stdout.toString('latin1').matchAll(/^ *(\d+):d=(\d+) +hl=(\d+) l= *(\d+) (prim|cons)/gm)].map((m) =>
        m.slice(1, 5).map(Number),
      );
      const problems: Parameters<typeof walkDer>[1] = [];
      const ours = [...walkDer(der, problems)].map(({ element, depth }) => [
        element.offset,
        depth,
        element.start - element.offset,
        element.end - element.start,
      ]);
      expect([label, ours]).toEqual([label, theirs]);
      expect([label, problems.some(({ severity }) => severity === 'fatal')]).toEqual([label, status !== 0]);
      compared++;
    }
    expect(compared).toBeGreaterThan(3);
  });

  it('say the same to @peculiar/x509', { timeout: 280_000 }, () => {
    let compared = 0;
    // The library gives up on very many elements, which is a limit of its own.
    for (const [label, der] of [...all].filter(([, { length }]) => length < 50_000)) {
      const ours = parseCertificate(der);
      let theirs: X509Certificate;
      try {
        theirs = new X509Certificate(Buffer.from(der));
      } catch {
        // What the library cannot read at all, ours reads and reports on.
        expect([label, ours.problems.length > 0]).toEqual([label, true]);
        continue;
      }
      const serial = theirs.serialNumber.toLowerCase().replace(/^0+(?=..)/, '');
      expect([label, ours.serial.replace(/^0+(?=..)/, '')]).toEqual([label, serial]);
      // The library takes the years 0 to 99 for 1900 to 1999.
      if (!Number.isNaN(ours.notAfter) && ours.notBefore > -59_000_000_000_000) {
        expect([label, ours.notBefore, ours.notAfter]).toEqual([label, theirs.notBefore.getTime(), theirs.notAfter.getTime()]);
      }
      expect([label, Buffer.from(ours.publicKey.spki).toString('hex')]).toEqual([
        label,
        Buffer.from(theirs.publicKey.rawData).toString('hex'),
      ]);
      const listed = extensionsOf(theirs);
      if (listed === undefined) expect([label, ours.problems.length > 0]).toEqual([label, true]);
      else expect([label, ours.extensions.map(({ oid, critical }) => [oid, critical])]).toEqual([label, listed]);
      compared++;
    }
    expect(compared).toBeGreaterThan(3);
  });
});
