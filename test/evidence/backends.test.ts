import { describe, expect, it } from 'vitest';
import { readBackends } from '../../src/lib/evidence/backends.js';
import type { HandshakeRecord } from '../../src/lib/observe/observation.js';

const CERTIFICATE = Uint8Array.of(1, 2, 3);
let id = 0;

/** A handshake that stood, with what is particular to it. */
function record(address: string, experiment: string, more: Partial<HandshakeRecord> = {}): HandshakeRecord {
  return {
    id: id++,
    why: '',
    experiment,
    sent: { address, port: 443, limits: {}, client: 'none', verify: false, requestOcsp: false, resumed: false },
    at: '2026-11-26T12:00:00.000Z',
    timings: { totalMs: 1 },
    outcome: 'accepted',
    acceptance: 'quiet',
    secureConnect: true,
    chain: [CERTIFICATE],
    scts: [],
    ...more,
  };
}

const asks: Partial<HandshakeRecord> = {
  certificateRequest: { certificateAuthorities: [], signatureSchemes: [] },
  clientCertificatesSent: 0,
};
const refused: Partial<HandshakeRecord> = {
  ...asks,
  outcome: 'rejected-late',
  alertReceived: { number: 116, name: 'certificate_required', afterSecureConnect: true },
};
const http = (status: number, bodyStart = ''): Partial<HandshakeRecord> => ({
  acceptance: 'http',
  http: { status, statusText: '', bodyStart, roundTripMs: 1, at: '2026-11-26T12:00:00.000Z' },
});

describe('addresses with the same certificate', () => {
  it('differ when one refuses the client and the other does not ask', () => {
    const { outcomesDiffer, answers } = readBackends([record('a', 'look'), record('b', 'address', refused)]);
    expect(outcomesDiffer).toBe(true);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['tls', 'refused']);
  });

  it('do not differ by silence, which may still become a refusal', () => {
    const backends = readBackends([record('a', 'look', asks), record('b', 'address', refused)]);
    expect(backends.outcomesDiffer).toBe(false);
    expect(backends.undecided).toEqual(['a']);
  });

  it('are compared by requests where both got one', () => {
    const nginx = http(400, '<title>400 No required SSL certificate was sent</title>');
    const looks = [record('a', 'look'), record('b', 'address', asks), record('a', 'request', http(200))];
    expect(readBackends(looks)).toMatchObject({ outcomesDiffer: false, undecided: ['b'] });
    expect(readBackends([...looks, record('b', 'address-request', { ...asks, ...nginx })])).toMatchObject({ outcomesDiffer: true });
  });
});

describe('one address', () => {
  it('that refuses a request and lets the handshake pass is no two machines', () => {
    const location = record('a', 'request', {
      ...refused,
      alertReceived: { number: 40, name: 'handshake_failure', afterSecureConnect: true },
    });
    expect(readBackends([record('a', 'symptom'), record('a', 'look'), location]).outcomesDiffer).toBe(false);
  });

  it('that our own verification left early is no two machines either', () => {
    const symptom = record('a', 'symptom', { outcome: 'broken-off-here', secureConnect: false, ...asks });
    expect(readBackends([symptom, record('a', 'look', refused)]).outcomesDiffer).toBe(false);
  });
});
