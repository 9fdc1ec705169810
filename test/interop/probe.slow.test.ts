import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type HandshakeRun, runHandshake } from '../../src/lib/observe/handshake.js';
import type { ClientCredential } from '../../src/lib/observe/handshake-request.js';
import { pcapng } from '../../src/lib/tls/pcapng.js';
import { has, makeFiles, PEERS, type Peer, removeFiles, startPeer, type Version } from './peers.js';

/**
 * What our transcript says against what other programs say of the same server: `openssl s_client -showcerts -msg`, and tshark on our own capture.
 * In CI a missing program fails; elsewhere it skips visibly.
 */
const files = makeFiles();
afterAll(() => removeFiles(files));

const client: ClientCredential = {
  label: 'client',
  cert: readFileSync(files.clientChain, 'latin1'),
  key: readFileSync(files.clientKey, 'latin1'),
};
const foreign: ClientCredential = {
  label: 'foreign',
  cert: readFileSync(files.foreignChain, 'latin1'),
  key: readFileSync(files.foreignKey, 'latin1'),
};

interface Message {
  from: 'client' | 'server';
  /** `Handshake`, `Alert`. */
  kind: string;
  name: string;
  bytes: Buffer;
}

/** Runs s_client with a held standard input (else it races the late refusal), and reads what it says. */
async function sClient(
  port: number,
  version: Version,
  peer: Peer,
  credential?: { chain: string; key: string },
): Promise<{ certificates: string[]; messages: Message[]; text: string }> {
  const args = [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-servername',
    'localhost',
    '-showcerts',
    '-msg',
    '-CAfile',
    files.ca,
    version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
  ];
  if (peer.starttls) args.push('-starttls', peer.starttls);
  if (credential)
    args.push('-cert', credential.chain, '-cert_chain', credential.chain.replace('.pem', '-issuer.pem'), '-key', credential.key);
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    text += String(chunk);
  });
  await new Promise<void>((done) => {
    child.on('close', () => done());
    setTimeout(() => child.kill('SIGKILL'), 1500);
  });
  const certificates = [...text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)].map((match) =>
    Buffer.from(match[1] as string, 'base64').toString('hex'),
  );
  const messages: Message[] = [];
  for (const match of text.matchAll(/^(>>>|<<<) .*?, (\w+) \[length [0-9a-f]+\](?:, (.*))?\n((?: {4}[0-9a-f][0-9a-f ]*\n)*)/gm)) {
    messages.push({
      from: match[1] === '>>>' ? 'client' : 'server',
      kind: match[2] as string,
      name: match[3] ?? '',
      bytes: Buffer.from((match[4] as string).replace(/\s/g, ''), 'hex'),
    });
  }
  return { certificates, messages, text };
}

function look(port: number, peer: Peer, more: object = {}): Promise<HandshakeRun> {
  return runHandshake({
    why: 'test',
    experiment: 'look',
    address: '127.0.0.1',
    port,
    servername: 'localhost',
    timeoutMs: 10_000,
    ...(peer.starttls ? { starttls: peer.starttls } : {}),
    ...more,
  });
}

/** tshark on our own capture, with the secrets inside it or, when `keyLog` is set, in a file beside it. */
function tshark(run: HandshakeRun, fields: string[], filter: string, keyLog?: string): string[][] {
  const path = join(files.directory, `capture-${Math.random()}.pcapng`);
  writeFileSync(
    path,
    pcapng(
      [
        {
          recording: keyLog === undefined ? run.recording : { ...run.recording, keyLog: [] },
          startedAt: Date.parse(run.record.at),
          address: '127.0.0.1',
          port: run.record.sent.port,
        },
      ],
      'test',
    ),
  );
  const decode = run.record.sent.starttls ? [] : ['-d', `tcp.port==${run.record.sent.port},tls`];
  const out = execFileSync(
    'tshark',
    [
      '-r',
      path,
      ...(keyLog === undefined ? [] : ['-o', `tls.keylog_file:${keyLog}`]),
      ...decode,
      '-Y',
      filter,
      '-T',
      'fields',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  ).toString();
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

const sent = (run: HandshakeRun) => run.record.chain.map((der) => Buffer.from(der).toString('hex'));
const lastFatal = (messages: Message[]) =>
  messages.filter((m) => m.kind === 'Alert' && m.from === 'server' && m.bytes[1] !== 0).at(-1)?.bytes[1];

for (const peer of PEERS) {
  const missing = peer.needs.filter((program) => !has(program));
  const suite = missing.length === 0 || process.env.CI ? describe : describe.skip;
  suite(`${peer.name}${missing.length === 0 ? '' : ` (skipped without ${missing.join(', ')})`}`, () => {
    it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: certificates as s_client and tshark see them', async (version) => {
      const server = await startPeer(peer, files, version, false);
      try {
        const run = await look(server.port, peer);
        expect(run.record.error).toBeUndefined();
        expect(run.record.outcome).toBe('accepted');
        expect(run.record.negotiated?.version).toBe(version);
        expect(run.record.transcript?.gaps).toEqual([]);
        expect(
          run.record.transcript?.messages.filter((m) => m.type === 'undecryptable' || m.type === 'malformed' || m.type === 'other'),
        ).toEqual([]);
        const theirs = await sClient(server.port, version, peer);
        expect(theirs.certificates.length).toBeGreaterThan(0);
        expect(sent(run)).toEqual(theirs.certificates);
        const order = theirs.messages
          .filter((m) => m.kind === 'Handshake' && m.from === 'server' && m.name !== 'NewSessionTicket')
          .map((m) => m.name.replace(/[^A-Za-z]/g, '').toLowerCase());
        const ours = (run.record.transcript?.messages ?? [])
          .filter(
            (m) =>
              m.from === 'server' &&
              !['preface', 'change_cipher_spec', 'new_session_ticket', 'application_data', 'alert', 'fin', 'tcp_error'].includes(m.type),
          )
          .map((m) => (m.type === 'hello_retry_request' ? 'serverhello' : m.type.replaceAll('_', '')));
        expect(ours).toEqual(order);
        if (has('tshark')) {
          const keyLog = join(files.directory, `keys-${server.port}.log`);
          writeFileSync(keyLog, `${run.recording.keyLog.join('\n')}\n`);
          for (const beside of [undefined, keyLog]) {
            const seen = tshark(run, ['tls.handshake.certificate'], 'tls.handshake.certificate', beside);
            expect(seen.flatMap(([list]) => (list as string).split(','))).toEqual(sent(run));
          }
        }
      } finally {
        server.stop();
      }
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: a demanded client certificate, given and missing and foreign', async (version) => {
      const server = await startPeer(peer, files, version, true);
      const http = peer.starttls ? {} : { http: { path: '/', host: 'localhost' } };
      try {
        const given = await look(server.port, peer, { client, ...http });
        expect(given.record.outcome).toBe('accepted');
        expect(given.record.clientCertificatesSent).toBe(2);
        if (!peer.starttls) expect(given.record.http?.status).toBe(200);

        const theirs = await sClient(server.port, version, peer);
        // The names: each DER, in our order, stands in the message that s_client saw, and nothing else does.
        const request = theirs.messages.find((m) => m.name === 'CertificateRequest');
        const names = given.record.certificateRequest?.certificateAuthorities ?? [];
        const vector = Buffer.concat(names.map(({ der }) => Buffer.concat([Buffer.from([der.length >> 8, der.length & 255]), der])));
        if (names.length > 0)
          expect(request?.bytes.includes(Buffer.concat([Buffer.from([vector.length >> 8, vector.length & 255]), vector]))).toBe(true);
        else expect(theirs.text).toContain('No client certificate CA names sent');
        if (has('tshark') && names.length > 0) {
          const lengths = tshark(given, ['tls.handshake.dnames_len'], 'tls.handshake.type == 13').flat();
          expect(lengths.map(Number)).toEqual([vector.length]);
        }

        const missingOne = await look(server.port, peer, http);
        const strange = await look(server.port, peer, { client: foreign, ...http });
        if (peer.refusesInHttp) {
          expect(missingOne.record.http).toMatchObject({ status: 400 });
          expect(strange.record.http).toMatchObject({ status: 400 });
        } else if (peer.starttls === 'postgres') {
          // PostgreSQL asks for a certificate and judges a missing one only at log-in; a foreign one it refuses at once.
          expect(missingOne.record.outcome).toBe('accepted');
          expect(strange.record.outcome).toBe(version === 'TLSv1.3' ? 'rejected-late' : 'rejected');
        } else {
          const late = version === 'TLSv1.3';
          expect(missingOne.record.outcome).toBe(late ? 'rejected-late' : 'rejected');
          expect(missingOne.record.alertReceived?.number).toBe(lastFatal(theirs.messages));
          const theirStrange = await sClient(server.port, version, peer, { chain: files.foreignChain, key: files.foreignKey });
          const expected = lastFatal(theirStrange.messages);
          expect(strange.record.alertReceived?.number).toBe(expected);
          expect(strange.record.outcome).toBe(
            expected === undefined ? (late ? 'closed-late' : 'closed') : late ? 'rejected-late' : 'rejected',
          );
          if (has('tshark')) {
            const seen = tshark(missingOne, ['tls.alert_message.desc'], 'tls.alert_message.desc').flat();
            expect(seen).toContain(String(missingOne.record.alertReceived?.number));
          }
        }
      } finally {
        server.stop();
      }
    });
  });
}
