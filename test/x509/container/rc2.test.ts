import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { decryptRc2Cbc } from '../../../src/lib/x509/container/rc2.js';
import { HAS_LEGACY } from './programs.js';

it.skipIf(!HAS_LEGACY).each([
  ['rc2-40-cbc', 5, 40],
  ['rc2-cbc', 16, 128],
] as const)('%s agrees with openssl for every length of the last block', (cipher, keyBytes, bits) => {
  for (let length = 0; length < 18; length++) {
    const [key, iv, plain] = [randomBytes(keyBytes), randomBytes(8), randomBytes(length)];
    const { stdout } = spawnSync(
      'openssl',
      ['enc', `-${cipher}`, '-provider', 'legacy', '-provider', 'default', '-K', key.toString('hex'), '-iv', iv.toString('hex')],
      { input: plain },
    );
    expect(Buffer.from(decryptRc2Cbc(key, iv, stdout, bits) ?? []).toString('hex')).toBe(plain.toString('hex'));
  }
});

it('gives nothing for impossible input', () => {
  const iv = new Uint8Array(8);
  expect(decryptRc2Cbc(new Uint8Array(5), iv, new Uint8Array(0), 40)).toBeUndefined();
  expect(decryptRc2Cbc(new Uint8Array(5), iv, new Uint8Array(7), 40)).toBeUndefined();
  expect(decryptRc2Cbc(new Uint8Array(5), new Uint8Array(4), new Uint8Array(8), 40)).toBeUndefined();
  expect(decryptRc2Cbc(new Uint8Array(0), iv, new Uint8Array(8), 40)).toBeUndefined();
});
