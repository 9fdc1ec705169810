import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { call, type Session, session } from './session.js';

let s: Session | undefined;
afterEach(() => s?.end());

/** Serial of the certificate that a new connection is shown. */
function shownSerial({ serving, authority }: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: serving.port, host: '127.0.0.1', servername: 'localhost', ca: authority.root.pem }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** The way the kubelet mounts a Secret: names -> ..data/NAME, ..data -> ..TIMESTAMP; an update renames a new link over ..data. */
function mountSecret(folder: string, generation: string, files: Record<string, string>): void {
  mkdirSync(join(folder, `..${generation}`), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `..${generation}`, name), text, { mode: 0o600 });
  symlinkSync(`..${generation}`, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

describe('reload', () => {
  it('takes over a swap of symbolic links without dropping an open connection', async () => {
    s = await session({ clientAuth: 'none' });
    const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-secret-'));
    const [first, second] = [s.issue({ names: ['localhost'], profile: 'server' }), s.issue({ names: ['localhost'], profile: 'server' })];
    mountSecret(folder, '2026_01', { 'tls.crt': first.chain, 'tls.key': first.key });
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
    await s.end();
    s = await session({ clientAuth: 'none', cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') });
    const before = await new Promise<{ again(): Promise<string>; end(): void }>((resolve) => {
      const socket = connect(
        { port: (s as Session).serving.port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false },
        () =>
          resolve({
            again: () =>
              new Promise((answer) => {
                socket.once('data', (chunk: Buffer) => answer(chunk.toString('latin1').slice(0, 15)));
                socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
              }),
            end: () => socket.destroy(),
          }),
      );
    });
    expect(await before.again()).toBe('HTTP/1.1 200 OK');
    mountSecret(folder, '2026_02', { 'tls.crt': second.chain, 'tls.key': second.key });
    const told = await s.event('reload');
    expect(told).toMatchObject({ result: 'loaded', openConnections: 1 });
    expect(await before.again()).toBe('HTTP/1.1 200 OK');
    before.end();
    const served = await new Promise<string>((resolve) => {
      const socket = connect({ port: (s as Session).serving.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.toString() ?? '');
        socket.destroy();
      });
    });
    expect(second.chain.startsWith(served.trim())).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the old certificate while the new key does not belong to it, says so once, then takes the pair', async () => {
    s = await session({ clientAuth: 'none' });
    const before = await shownSerial(s);
    const next = s.issue({ names: ['localhost', '127.0.0.1'], profile: 'server' });
    writeFileSync(s.files.cert, next.chain);
    expect(await s.event('reload', 0)).toMatchObject({ result: 'kept-old', problem: expect.stringContaining('does not belong') });
    expect(await shownSerial(s)).toBe(before);
    writeFileSync(s.files.key, next.key);
    expect(await s.event('reload', 1)).toMatchObject({ result: 'loaded', problem: null });
    expect(await shownSerial(s)).not.toBe(before);
    expect(s.events.filter(({ event }) => event === 'reload')).toHaveLength(2);
  });

  it.each([{ reload: false }, { faults: ['stale-certificate'] }])('%j goes on with the old one', async (stale) => {
    s = await session({ clientAuth: 'none', ...stale });
    const before = await shownSerial(s);
    const next = s.issue({ names: ['localhost', '127.0.0.1'], profile: 'server' });
    writeFileSync(s.files.cert, next.chain);
    writeFileSync(s.files.key, next.key);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await shownSerial(s)).toBe(before);
    expect(s.events.some(({ event }) => event === 'reload')).toBe(false);
  });

  it('survives the files being gone for a while', async () => {
    s = await session({ clientAuth: 'none' });
    const before = await shownSerial(s);
    const text = readFileSync(s.files.cert);
    renameSync(s.files.cert, `${s.files.cert}.away`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await shownSerial(s)).toBe(before);
    writeFileSync(s.files.cert, text);
    expect((await call(s)).text).toContain('200 OK');
  });

  it('rules are read again too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-rules-'));
    const rules = join(folder, 'rules.yaml');
    writeFileSync(rules, 'roles:\n  reader: [cn:gateway]\npaths:\n  /**: [reader]\n');
    s = await session({ rules });
    const client = s.issue({ names: ['gateway'], commonName: 'gateway', profile: 'client' });
    const status = async (): Promise<string> => (await call(s as Session, { cert: client.chain, key: client.key })).text.slice(9, 12);
    expect(await status()).toBe('200');
    writeFileSync(rules, 'roles:\n  reader: [cn:somebody]\npaths:\n  /**: [reader]\n');
    await s.event('reload');
    expect(await status()).toBe('403');
    writeFileSync(rules, 'roles: nonsense\n');
    expect(await s.event('reload', 1)).toMatchObject({ result: 'kept-old' });
    expect(await status()).toBe('403');
    rmSync(folder, { recursive: true, force: true });
  });
});
