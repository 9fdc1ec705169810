import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY_TYPES } from '../../src/lib/ca/key-pair.js';
import { makeRequest } from '../../src/lib/operations/make-request.js';
import { parseCertificateRequest } from '../../src/lib/x509/certificate-request.js';
import { readPem } from '../../src/lib/x509/pem.js';

const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-csr-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a request for somebody else', () => {
  it.each(KEY_TYPES.filter((type) => type !== 'rsa-4096'))(
    'of a %s key is read back with its names, signed by the key beside it',
    async (keyType) => {
      const document = await makeRequest({
        names: ['api.internal', '10.0.0.7', 'ops@example.com', 'spiffe://corp/api'],
        keyType,
        out: folder,
        as: keyType,
        organization: 'Ledger, "Inc"',
      });
      expect(document.names).toEqual(['DNS:api.internal', 'IP:10.0.0.7', 'email:ops@example.com', 'URI:spiffe://corp/api']);
      const pem = readFileSync(join(folder, `${keyType}.csr`), 'utf8');
      expect(pem).toBe(document.pem);
      const request = parseCertificateRequest(readPem(pem)[0]?.der ?? new Uint8Array(0));
      expect(request.subject.text).toContain('api.internal');
      expect(request.problems).toEqual([]);
      const key = createPrivateKey(readFileSync(join(folder, `${keyType}.key`)));
      expect(createPublicKey(key).export({ type: 'spki', format: 'der' }).equals(Buffer.from(request.publicKey.spki))).toBe(true);
      expect(statSync(join(folder, `${keyType}.key`)).mode & 0o777).toBe(0o600);
      expect(JSON.stringify(document)).not.toContain('PRIVATE KEY');
      const hash = keyType === 'ed25519' ? null : keyType === 'p384' ? 'sha384' : 'sha256';
      expect(verify(hash, request.signed, createPublicKey(key), request.signature)).toBe(true);
    },
  );

  it('overwrites nothing unasked, and says what a request without a name lacks', async () => {
    await makeRequest({ names: ['once.internal'], out: folder });
    const before = readFileSync(join(folder, 'once.internal.key'), 'utf8');
    await expect(makeRequest({ names: ['once.internal'], out: folder })).rejects.toThrow(/once\.internal/);
    expect(readFileSync(join(folder, 'once.internal.key'), 'utf8')).toBe(before);
    await expect(makeRequest({ names: [], out: folder })).rejects.toThrow(/needs a name/);
    expect(existsSync(join(folder, 'undefined.csr'))).toBe(false);
  });
});
