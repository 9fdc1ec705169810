import { expect, it } from 'vitest';
import type { HandshakeRecord } from '../../src/lib/observe/observation.js';
import { renderSequence } from '../../src/lib/report/sequence.js';
import { plainView } from '../../src/lib/report/view.js';
import type { TranscriptDetail, TranscriptMessage } from '../../src/lib/tls/transcript.js';

const message = (ms: number, from: 'client' | 'server', detail: TranscriptDetail): TranscriptMessage => ({
  ms,
  from,
  encrypted: false,
  length: 10,
  ...detail,
});

function record(messages: TranscriptMessage[], more: Partial<HandshakeRecord> = {}): HandshakeRecord {
  return {
    id: 0,
    why: 'look',
    experiment: 'look',
    at: '2026-11-22T00:00:00Z',
    outcome: 'accepted',
    secureConnect: false,
    chain: [],
    scts: [],
    timings: { totalMs: 9 },
    sent: { address: '10.0.0.7', port: 5432, limits: {}, client: 'none', verify: false, requestOcsp: false, resumed: false },
    transcript: { messages, gaps: [], bytesSent: 0, bytesReceived: 0 },
    ...more,
  };
}

const hello = {
  versions: [0x0304, 0x0303],
  cipherSuites: [1, 2, 3],
  extensions: [],
  groups: [29],
  keyShares: [29],
  signatureSchemes: [],
  servername: 'db',
  alpn: [],
  sessionIdLength: 32,
  preSharedKey: false,
  earlyData: false,
  statusRequest: false,
  postHandshakeAuth: false,
};
const refused = record(
  [
    message(0, 'client', { type: 'preface', text: 'SSLRequest' }),
    message(0.3, 'server', { type: 'preface', text: 'S (yes, TLS)' }),
    message(0.5, 'client', { type: 'client_hello', hello }),
    message(2.1, 'server', {
      type: 'server_hello',
      hello: {
        version: 0x0304,
        cipherSuite: 0x1302,
        group: 29,
        extensions: [],
        helloRetryRequest: false,
        preSharedKeyAccepted: false,
        sessionIdEchoed: true,
      },
    }),
    message(2.1, 'server', { type: 'change_cipher_spec' }),
    message(2.1, 'server', {
      type: 'certificate_request',
      request: {
        certificateAuthorities: [{ text: 'CN=Dev\u001b[31m Root', der: new Uint8Array() }],
        signatureSchemes: [1027],
        certificateTypes: [],
        extensions: [],
        oidFilters: [],
      },
    }),
    message(2.1, 'server', { type: 'finished' }),
    message(3.0, 'client', { type: 'certificate', certificate: { certificates: [], ocsp: [], scts: [] } }),
    message(3.0, 'client', { type: 'finished' }),
    message(4.4, 'server', { type: 'alert', alert: { level: 'fatal', number: 116, name: 'certificate_required' } }),
  ],
  { outcome: 'rejected-late', secureConnect: true, timings: { totalMs: 9, handshakeMs: 2.6 } },
);

it('draws client left, server right, milliseconds in the middle', () => {
  expect(renderSequence(refused, plainView({ width: 80 })).join('\n')).toMatchInlineSnapshot(`
    "client                          ms       server 10.0.0.7:5432
    SSLRequest                ──── 0.0 ────→
                              ←──── 0.3 ──── S (yes, TLS)
    ClientHello               ──── 0.5 ────→
      TLS 1.3 1.2, SNI db, 3
      suites, shares x25519
                              ←──── 2.1 ──── ServerHello
                                               TLS 1.3, AES_256_GCM_SHA384, x25519
                              ←───────────── CertificateRequest
                                               1 CA name: CN=Dev\\x1b[31m Root, 1
                                               schemes
                              ←───────────── Finished
    Certificate (none)        ──── 3.0 ────→
    Finished                  ─────────────→
    ✓ here the client says "connected"
                              ←──── 4.4 ──── alert 116 certificate_required  fatal
    ✗ rejected after the client thought it was done"
  `);
});

it('keeps to ASCII and to the width where it must', () => {
  for (const width of [40, 60, 80, 140]) {
    const lines = renderSequence(refused, plainView({ width, unicode: false }));
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(width);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
    }
  }
});

it('draws nothing but the head where nothing was seen', () => {
  expect(renderSequence(record([]), plainView())).toHaveLength(1);
});
