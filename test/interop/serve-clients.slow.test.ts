import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { type IssueRequest, issueCertificate } from '../../src/lib/ca/issue.js';
import type { ConnectionEvent, ServeEvent } from '../../src/lib/lab/serve/events.js';
import { type ServeOptions, type Serving, serve } from '../../src/lib/operations/serve.js';
import { REAL_CLIENTS, type RealCall, type RealClientKind } from '../lab/real-clients.js';
import { isAvailable } from '../lab/real-servers/real-server.js';

const now = Date.now();
const directory = mkdtempSync(join(tmpdir(), 'tlsmedic-clients-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const authority = createAuthority({ name: 'Interop', now: now - 86_400_000 });
const stranger = createAuthority({ name: 'Stranger', now: now - 86_400_000 });

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function pair(name: string, request: IssueRequest, from = authority): { cert: string; key: string; p12: string } {
  const issued = issueCertificate(from, { now, ...request }, { unchecked: true });
  const files = {
    cert: write(`${name}.crt`, issued.chainPem),
    key: write(`${name}.key`, issued.keyPem ?? ''),
    p12: join(directory, `${name}.p12`),
  };
  execFileSync('openssl', ['pkcs12', '-export', '-in', files.cert, '-inkey', files.key, '-out', files.p12, '-passout', 'pass:changeit'], {
    stdio: 'pipe',
  });
  return files;
}

const DAY = 86_400_000;
const ca = write('ca.crt', authority.root.pem);
const otherCa = write('other-ca.crt', stranger.root.pem);
const server = pair('server', { names: ['localhost', '127.0.0.1'], profile: 'server' });
const expiredServer = pair('server-expired', { names: ['localhost'], profile: 'server', notBefore: now - 3 * DAY, notAfter: now - DAY });
const otherName = pair('server-other', { names: ['ledger.internal'], profile: 'server' });
const client = pair('client', { names: ['gateway.test'], profile: 'client' });
const foreign = pair('foreign', { names: ['gateway.test'], profile: 'client' }, stranger);
const expired = pair('expired', { names: ['gateway.test'], profile: 'client', notBefore: now - 3 * DAY, notAfter: now - DAY });
const purpose = pair('purpose', { names: ['gateway.test'], profile: 'server' });

let serving: Serving | undefined;
afterEach(async () => {
  await serving?.close(100);
  serving = undefined;
});

/** Lets a client call a server; gives whether it was content and what the server told of it, the last word last. */
async function meet(
  kind: RealClientKind,
  options: ServeOptions,
  call: Omit<RealCall, 'port' | 'ca'> & { ca?: string },
): Promise<{ content: boolean; told: ConnectionEvent[] }> {
  const told: ConnectionEvent[] = [];
  const onEvent = (event: ServeEvent): void => {
    if (event.event === 'connection') told.push(event);
  };
  serving = await serve({
    port: 0,
    cert: server.cert,
    key: server.key,
    clientCa: [ca],
    clientAuth: 'none',
    reload: false,
    ...options,
    onEvent,
  });
  const content = await kind.call({ port: serving.port, ca, ...call });
  // A client that judges after the handshake is told of twice: the last word counts, and may take a moment.
  for (let i = 0; i < 150 && (told.length === 0 || (!content && told.at(-1)?.outcome === 'accepted')); i++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { content, told };
}

const MUTUAL: ServeOptions = { clientAuth: 'required' };

for (const kind of REAL_CLIENTS) {
  describe.runIf(isAvailable(kind))(kind.name, () => {
    it.each([
      ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
      ['TLS 1.3', { minVersion: 'TLSv1.3' }],
    ] as const)('with a good certificate is accepted and described, %s', async (version, limit) => {
      const { content, told } = await meet(kind, MUTUAL, { ...client, ...limit });
      expect(content, JSON.stringify(told)).toBe(true);
      const event = told[0];
      expect(event).toMatchObject({ outcome: 'accepted', causes: [], negotiated: { version }, identity: { dns: ['gateway.test'] } });
      expect(event?.clientChain?.map(({ subject }) => subject)).toEqual(['CN=gateway.test', 'CN=Interop Intermediate']);
      expect(event?.offered?.servername).toBe(kind.noSni === true ? null : 'localhost');
      expect(event?.offered?.versions.includes('TLS 1.3')).toBe(version === 'TLS 1.3');
      expect(event?.offered?.ja4).toMatch(
        new RegExp(`^t${version === 'TLS 1.3' ? '13' : '12'}${kind.noSni === true ? 'i' : 'd'}\\d{4}(00|h1|h2)_[0-9a-f]{12}_[0-9a-f]{12}$`),
      );
      expect(event?.offered?.cipherSuites.length).toBeGreaterThan(2);
      expect(event?.offered?.groups).toContain('x25519');
    });

    it.each([
      ['none', {}, 'client-cert-required'],
      ['an expired one', expired, 'client-cert-expired'],
      ['one for servers', purpose, 'client-cert-wrong-purpose'],
      ['one of another authority', foreign, 'client-cert-unknown-ca'],
    ] as const)('with %s as its certificate is refused for that', async (_what, files, code) => {
      for (const limit of [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }] as const) {
        const { content, told } = await meet(kind, MUTUAL, { ...files, ...limit });
        await serving?.close(100);
        expect(content).toBe(false);
        const event = told[0];
        const found = event?.causes[0]?.code;
        // Go, Java and GnuTLS choose by the names of the authorities and send none then; Java also keeps an expired or unfit one back.
        const choices = kind.choosy === true && code !== 'client-cert-required' ? [code, 'client-cert-required'] : [code];
        expect(choices, JSON.stringify(event)).toContain(found);
        if (found === 'client-cert-required') expect(event?.clientChain).toEqual([]);
        else expect(event?.clientChain?.length).toBe(2);
        expect(event?.outcome).toBe('refused');
        expect(event?.causes[0]?.fixes.length).toBeGreaterThan(0);
      }
    });

    it.each([
      ['does not know our authority', {}, { ca: otherCa }, 'untrusted-root', 'client'],
      ['meets an expired certificate', { cert: expiredServer.cert, key: expiredServer.key }, {}, 'expired', 'server'],
      ['meets another name', { cert: otherName.cert, key: otherName.key }, {}, 'san-mismatch', 'server'],
      ['meets a chain without its intermediate', { faults: ['missing-intermediate'] }, {}, 'missing-intermediate', 'server'],
    ] as const)('that %s is told so', async (_what, options, call, code, party) => {
      const { content, told } = await meet(kind, options as unknown as ServeOptions, call);
      expect(content).toBe(false);
      const event = told.at(-1);
      // Without SNI the server cannot know the name: it says so by naming it among what is possible.
      if (kind.noSni === true && code === 'san-mismatch') {
        expect(event?.causes[0]).toMatchObject({ confidence: 'possible' });
        expect(event?.causes[0]?.alternatives.map((other) => other.code)).toContain('san-mismatch');
      } else expect(event, JSON.stringify(told)).toMatchObject({ outcome: 'refused-by-client', causes: [{ code, party }] });
    });

    it('that is too old is told so', async () => {
      const { content, told } = await meet(kind, { minVersion: '1.3' }, { maxVersion: 'TLSv1.2' });
      expect(content).toBe(false);
      expect(told[0]).toMatchObject({ outcome: 'failed', causes: [{ code: 'version-mismatch', party: 'client' }] });
    });
  });
}
