import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { runHandshake } from '../../src/lib/observe/handshake.js';
import type { HandshakeRequest } from '../../src/lib/observe/handshake-request.js';
import { cipherSuiteByOpensslName } from '../../src/lib/tls/cipher-suites.js';
import { decodeTranscript, TranscriptDecoder } from '../../src/lib/tls/decoder.js';
import { readHandshakeBody } from '../../src/lib/tls/handshake-messages.js';
import type { RecordedEvent, Recording } from '../../src/lib/tls/recording.js';
import { cpuMs } from '../cpu-clock.js';
import { authority, clientLeaf, credential, type Running, serverLeaf, tlsServer } from '../observe/node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function run(server: TlsOptions, request: Partial<HandshakeRequest> = {}, say = 'hello') {
  const started = await tlsServer(server, (socket) => {
    socket.resume();
    socket.write(say);
  });
  running.push(started);
  return runHandshake({
    why: 'test',
    experiment: 'look',
    address: '127.0.0.1',
    port: started.port,
    servername: 'localhost',
    quietWindowMs: 1000,
    ...request,
  });
}

function kinds(recording: Recording): string[] {
  return decodeTranscript(recording).messages.map((m) => `${m.from[0]}:${m.type}`);
}

const rsaLeaf = issueCertificate(authority, { names: ['localhost'], profile: 'server', keyType: 'rsa-2048' });
const LEGACY = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

describe('every way to protect records is opened', () => {
  const suites12 = [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-SHA256',
    'ECDHE-ECDSA-AES128-CCM',
    'ECDHE-ECDSA-AES256-CCM8',
    'ECDHE-ECDSA-CAMELLIA128-SHA256',
    'ECDHE-ECDSA-ARIA256-GCM-SHA384',
    'ECDHE-ECDSA-NULL-SHA',
    'AES128-SHA',
    'AES256-GCM-SHA384',
    'DHE-RSA-AES128-SHA256',
  ];
  it.each(suites12)('TLS 1.2 %s', async (suite) => {
    const rsa = !suite.includes('ECDSA');
    const ciphers = `${suite}:@SECLEVEL=0`;
    const { record, recording } = await run(
      { maxVersion: 'TLSv1.2', ciphers, dhparam: 'auto', ...(rsa ? { cert: rsaLeaf.chainPem, key: rsaLeaf.keyPem as string } : {}) },
      { limits: { ciphers } },
    );
    expect(record.outcome).toBe('accepted');
    expect(record.transcript?.gaps).toEqual([]);
    expect(record.negotiated?.cipher).toBe(cipherSuiteByOpensslName(suite)?.name);
    const messages = kinds(recording);
    expect(messages.filter((m) => m.endsWith('finished'))).toEqual(['c:finished', 's:finished']);
    expect(decodeTranscript(recording).messages.find((m) => m.type === 'application_data')).toMatchObject({ from: 'server', bytes: 5 });
  });

  it.each([
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ])('TLS 1.3 %s', async (suite) => {
    const { record, recording } = await run(
      { minVersion: 'TLSv1.3', ciphers: `${suite}:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0` },
      { limits: { ciphers: `${suite}:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0` } },
    );
    expect(record.negotiated?.cipher).toBe(suite);
    expect(record.transcript?.gaps).toEqual([]);
    expect(kinds(recording).filter((m) => m.endsWith('finished'))).toEqual(['s:finished', 'c:finished']);
    expect(decodeTranscript(recording).messages.some((m) => m.type === 'application_data' && m.bytes === 5)).toBe(true);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('%s with AES-CBC', async (version) => {
    const { record, recording } = await run(
      { minVersion: version, maxVersion: version, ciphers: LEGACY },
      { limits: { minVersion: version, maxVersion: version, ciphers: 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0' } },
    );
    expect(record.negotiated?.version).toBe(version);
    expect(record.transcript?.gaps).toEqual([]);
    expect(kinds(recording)).toContain('s:application_data');
  });
});

describe('the whole of TLS 1.3', () => {
  it('reads a HelloRetryRequest', async () => {
    const { record } = await run({ minVersion: 'TLSv1.3', ecdhCurve: 'P-384' }, { limits: { groups: 'X25519:P-384' } });
    expect(record.outcome).toBe('accepted');
    expect(record.negotiated?.group).toBe('secp384r1');
    const messages = record.transcript?.messages ?? [];
    expect(messages.map((m) => `${m.from[0]}:${m.type}`).filter((m) => /hello|retry/.test(m))).toEqual([
      'c:client_hello',
      's:hello_retry_request',
      'c:client_hello',
      's:server_hello',
    ]);
    const retry = messages.find((m) => m.type === 'hello_retry_request');
    expect(retry && 'hello' in retry && 'group' in retry.hello && retry.hello.group).toBe(24);
    expect(record.transcript?.gaps).toEqual([]);
  });

  it('shows both sides of client authentication in order', async () => {
    const { record } = await run(
      { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true, ca: [authority.root.pem] },
      { client: credential(clientLeaf) },
    );
    const order = (record.transcript?.messages ?? [])
      .map((m) => `${m.from[0]}:${m.type}`)
      .filter((m) => !m.includes('change_cipher_spec') && !m.includes('ticket') && !m.includes('data'));
    expect(order).toEqual([
      'c:client_hello',
      's:server_hello',
      's:encrypted_extensions',
      's:certificate_request',
      's:certificate',
      's:certificate_verify',
      's:finished',
      'c:certificate',
      'c:certificate_verify',
      'c:finished',
    ]);
    const times = (record.transcript?.messages ?? []).map((m) => m.ms);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it('reads ALPN and the server name', async () => {
    const { record } = await run({ minVersion: 'TLSv1.3', ALPNProtocols: ['h2', 'http/1.1'] }, { limits: { alpn: ['http/1.1'] } });
    const hello = record.transcript?.messages.find((m) => m.type === 'client_hello');
    expect(hello && 'hello' in hello && 'alpn' in hello.hello && hello.hello).toMatchObject({
      alpn: ['http/1.1'],
      servername: 'localhost',
      versions: [0x0304, 0x0303],
    });
    expect(record.negotiated?.alpn).toBe('http/1.1');
  });

  it('says so when there is no key', async () => {
    const { recording } = await run({ minVersion: 'TLSv1.3' });
    const transcript = decodeTranscript({ ...recording, keyLog: [] });
    expect(transcript.messages.some((m) => m.type === 'server_hello')).toBe(true);
    expect(transcript.messages.some((m) => m.type === 'certificate')).toBe(false);
    expect(transcript.messages.some((m) => m.type === 'undecryptable')).toBe(true);
    expect(transcript.gaps).toContain("no secret in the key log for the server's encrypted records");
  });

  it('says so when the key is another one', async () => {
    const { recording } = await run({ minVersion: 'TLSv1.3' });
    const keyLog = recording.keyLog.map((line) => line.replace(/[0-9a-f]{8}$/, '00000000'));
    const transcript = decodeTranscript({ ...recording, keyLog });
    expect(transcript.gaps.some((gap) => gap.includes('do not open'))).toBe(true);
    expect(transcript.messages.some((m) => m.type === 'certificate')).toBe(false);
  });
});

describe('encrypted alerts of TLS 1.2', () => {
  it('are read', async () => {
    const started = await tlsServer({ maxVersion: 'TLSv1.2' }, (socket) => socket.end());
    running.push(started);
    const { record } = await runHandshake({
      why: 'test',
      experiment: 'look',
      address: '127.0.0.1',
      port: started.port,
      quietWindowMs: 500,
    });
    expect(record.outcome).toBe('closed-late');
    expect(record.transcript?.messages.find((m) => m.type === 'alert' && m.from === 'server')).toMatchObject({
      encrypted: true,
      alert: { number: 0, name: 'close_notify', level: 'warning' },
    });
  });
});

const hasOpenssl = (() => {
  try {
    return /OpenSSL 3/.test(execFileSync('openssl', ['version']).toString());
  } catch {
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('with openssl s_server (skipped without OpenSSL 3)', () => {
  async function sServer(
    args: string[],
    onHandshake: (write: (text: string) => void) => void,
    request: Partial<HandshakeRequest> = { quietWindowMs: 3000 },
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'tm-'));
    writeFileSync(join(directory, 'cert.pem'), serverLeaf.certPem);
    writeFileSync(join(directory, 'key.pem'), serverLeaf.keyPem as string, { mode: 0o600 });
    const port = await new Promise<number>((done) => {
      const probe = createTcp().listen(0, '127.0.0.1', () => {
        const { port: free } = probe.address() as { port: number };
        probe.close(() => done(free));
      });
    });
    const child = spawn(
      'openssl',
      ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', join(directory, 'cert.pem'), '-key', join(directory, 'key.pem'), ...args],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    try {
      await new Promise<void>((done) => child.stdout.on('data', (text) => String(text).includes('ACCEPT') && done()));
      child.stdout.on('data', (text) => /CIPHER is/.test(String(text)) && onHandshake((line) => child.stdin.write(line)));
      return await runHandshake({
        why: 'test',
        experiment: 'look',
        address: '127.0.0.1',
        port,
        servername: 'localhost',
        ...request,
      });
    } finally {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true });
    }
  }

  it('follows a KeyUpdate in both directions', async () => {
    const { record } = await sServer(['-tls1_3'], (write) => {
      write('K\n');
      setTimeout(() => write('K\n'), 100);
      setTimeout(() => write('data after it\n'), 200);
    });
    const messages = record.transcript?.messages ?? [];
    expect(messages.filter((m) => m.type === 'key_update' && m.from === 'server')).toHaveLength(2);
    expect(messages.find((m) => m.type === 'key_update')).toMatchObject({ requested: true });
    expect(messages.find((m) => m.type === 'application_data' && m.from === 'server')).toMatchObject({ bytes: 14 });
    expect(record.transcript?.gaps).toEqual([]);
  });

  it('listens as long as a CertificateRequest makes it, where no ticket comes', async () => {
    const { record } = await sServer(['-tls1_3', '-num_tickets', '0', '-verify', '1'], () => undefined, {});
    expect(record).toMatchObject({ outcome: 'accepted', acceptance: 'quiet' });
    expect(record.certificateRequest).toBeDefined();
    expect(record.quietWindowMs).toBeGreaterThanOrEqual(250);
    expect(record.timings.totalMs).toBeGreaterThanOrEqual(250);
  });

  it('reads how much early data a ticket allows', async () => {
    const { record } = await sServer(['-tls1_3', '-early_data'], () => undefined, { quietWindowMs: 300 });
    expect(record.transcript?.messages.find((m) => m.type === 'new_session_ticket')).toMatchObject({ maxEarlyData: 16384 });
  });

  it('reads a renegotiation inside TLS 1.2', async () => {
    const { record } = await sServer(['-tls1_2'], (write) => {
      write('r\n');
      setTimeout(() => write('data after it\n'), 300);
    });
    const messages = record.transcript?.messages ?? [];
    expect(messages.some((m) => m.type === 'hello_request' && m.encrypted)).toBe(true);
    expect(messages.filter((m) => m.type === 'client_hello')).toHaveLength(2);
    expect(messages.filter((m) => m.type === 'finished')).toHaveLength(4);
    expect(record.transcript?.gaps).toEqual([]);
    expect(messages.find((m) => m.type === 'application_data' && m.from === 'server')).toMatchObject({ bytes: 14 });
  });
});

describe('messages that node cannot make', () => {
  const vector = (lengthBytes: number, body: Buffer) =>
    Buffer.concat([Buffer.from(body.length.toString(16).padStart(lengthBytes * 2, '0'), 'hex'), body]);
  const extension = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, body)]);

  it('reads OID filters of a CertificateRequest', () => {
    const oid = Buffer.from('0603551d25', 'hex');
    const filters = vector(2, Buffer.concat([vector(1, oid), vector(2, Buffer.from('300a06082b06010505070302', 'hex'))]));
    const body = Buffer.concat([
      vector(1, Buffer.alloc(0)),
      vector(2, Buffer.concat([extension(13, vector(2, Buffer.from('0403', 'hex'))), extension(48, filters)])),
    ]);
    const detail = readHandshakeBody(13, body, 0x0304, 'any');
    expect(detail).toMatchObject({
      type: 'certificate_request',
      request: { signatureSchemes: [0x0403], extensions: [13, 48], oidFilters: [{ oid: '2.5.29.37' }] },
    });
  });

  it('reads stapled OCSP and SCTs of each certificate', () => {
    const entry = (der: string, extensions: Buffer) => Buffer.concat([vector(3, Buffer.from(der)), vector(2, extensions)]);
    const status = extension(5, Buffer.concat([Buffer.from([1]), vector(3, Buffer.from('response'))]));
    const list = Buffer.concat([
      entry('one', Buffer.concat([status, extension(18, Buffer.from('0003abc', 'latin1'))])),
      entry('two', Buffer.alloc(0)),
    ]);
    const detail = readHandshakeBody(11, Buffer.concat([vector(1, Buffer.alloc(0)), vector(3, list)]), 0x0304, 'any');
    expect(detail.type === 'certificate' && detail.certificate.certificates.map((der) => Buffer.from(der).toString())).toEqual([
      'one',
      'two',
    ]);
    expect(
      detail.type === 'certificate' && detail.certificate.ocsp.map(({ index, response }) => [index, Buffer.from(response).toString()]),
    ).toEqual([[0, 'response']]);
    expect(detail.type === 'certificate' && detail.certificate.scts).toHaveLength(1);
  });

  it('names what is cut short', () => {
    expect(() => readHandshakeBody(11, Buffer.from([0, 0, 1, 0]), 0x0304, 'any')).toThrow(RangeError);
  });
});

describe('hostile bytes', () => {
  it('never bring the decoder down, and never make it slow or large', async () => {
    const recordings = [
      (
        await run(
          { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] },
          { client: credential(clientLeaf) },
        )
      ).recording,
      (
        await run(
          { maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] },
          { client: credential(clientLeaf) },
        )
      ).recording,
    ];
    // The unprotected messages of TLS 1.3 as a TLS 1.2 stream reach further into the codec than anything that has to decrypt first.
    const byteEvents = (recording: Recording) =>
      recording.events.filter((event): event is RecordedEvent & { kind: 'bytes' } => event.kind === 'bytes');
    fc.assert(
      fc.property(
        fc.constantFrom(...recordings),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255), fc.constantFrom('set', 'delete', 'insert', 'split', 'swap')), {
          minLength: 1,
          maxLength: 12,
        }),
        (recording, changes) => {
          const events: RecordedEvent[] = byteEvents(recording).map((event) => ({ ...event, bytes: Buffer.from(event.bytes) }));
          for (const [which, where, value, how] of changes) {
            const index = which % events.length;
            const event = events[index] as RecordedEvent & { kind: 'bytes' };
            const at = where % Math.max(1, event.bytes.length);
            const bytes = Buffer.from(event.bytes);
            if (how === 'set') bytes[at] = value;
            if (how === 'set' || how === 'swap') events[index] = { ...event, bytes };
            if (how === 'delete') events[index] = { ...event, bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]) };
            if (how === 'insert')
              events[index] = { ...event, bytes: Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at)]) };
            if (how === 'split')
              events.splice(index, 1, { ...event, bytes: bytes.subarray(0, at) }, { ...event, bytes: bytes.subarray(at) });
            if (how === 'swap') events[index] = { ...event, from: event.from === 'client' ? 'server' : 'client' };
          }
          const before = cpuMs();
          const transcript = decodeTranscript({ ...recording, events });
          expect(cpuMs() - before).toBeLessThan(500);
          expect(transcript.messages.length).toBeLessThanOrEqual(5000);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('are read in pieces as they are read whole', async () => {
    const { recording } = await run(
      { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] },
      { client: credential(clientLeaf) },
    );
    const whole = decodeTranscript(recording).messages.map((m) => [m.from, m.type, m.length]);
    const pieces = recording.events.flatMap((event): RecordedEvent[] =>
      event.kind === 'bytes' ? [...event.bytes].map((byte) => ({ ...event, bytes: Buffer.from([byte]) })) : [event],
    );
    expect(decodeTranscript({ ...recording, events: pieces }).messages.map((m) => [m.from, m.type, m.length])).toEqual(whole);
  });

  it('in a million small records end at the limit', () => {
    const record = Buffer.from([22, 3, 3, 0, 1, 11]);
    const bytes = Buffer.concat(Array.from({ length: 170_000 }, () => record));
    const before = cpuMs();
    const transcript = decodeTranscript({ keyLog: [], truncated: false, events: [{ ms: 0, from: 'server', kind: 'bytes', bytes }] });
    expect(cpuMs() - before).toBeLessThan(3000);
    expect(transcript.messages.length).toBeLessThanOrEqual(5000);
  });
});

describe('a look without a transcript', () => {
  const until = (recording: Recording) => {
    const decoder = new TranscriptDecoder({ untilCertificate: true });
    for (const line of recording.keyLog) decoder.addSecret(line);
    for (const event of recording.events) decoder.push(event);
    return decoder.transcript().messages.map((m) => `${m.from[0]}:${m.type}`);
  };
  it('reads no further than the certificate of a server that asks the client for nothing', async () => {
    const { record, recording } = await run({ minVersion: 'TLSv1.3' }, { omitTranscript: true });
    expect(record.outcome).toBe('accepted');
    expect(record.chain).toHaveLength(2);
    expect(record.transcript).toBeUndefined();
    const whole = kinds(recording);
    expect(until(recording)).toEqual(whole.slice(0, whole.indexOf('s:certificate') + 1));
  });
  it('reads all where the server asks for a client certificate', async () => {
    const { record, recording } = await run(
      { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] },
      { omitTranscript: true, client: credential(clientLeaf) },
    );
    expect(record.clientCertificatesSent).toBe(2);
    expect(until(recording)).toEqual(kinds(recording));
  });
  it('knows the alerts of a handshake that failed after the certificate', async () => {
    const { record } = await run({ minVersion: 'TLSv1.3' }, { omitTranscript: true, verify: true, ca: [] });
    expect(record.outcome).toBe('broken-off-here');
    const told = await run({ minVersion: 'TLSv1.3' }, { verify: true, ca: [] });
    expect(record.alertSent).toEqual(told.record.alertSent);
  });
});
