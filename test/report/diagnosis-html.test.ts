import { describe, expect, it } from 'vitest';
import { diagnosisOf } from '../../src/lib/diagnose/build-diagnosis.js';
import { worldNamed } from '../../src/lib/lab/registry.js';
import type { HandshakeRecord, Observation } from '../../src/lib/observe/observation.js';
import { runWorld } from '../../src/lib/operations/lab-run.js';
import { renderDiagnosisHtml } from '../../src/lib/report/diagnosis-html.js';
import { renderDiagnosis } from '../../src/lib/report/diagnosis-text.js';
import { plainView } from '../../src/lib/report/view.js';

const HOSTILE = '<script>alert(1)</script>"\u202e\u001b[2J';

/** A port that says something nasty instead of TLS. */
function hostileObservation(): Observation {
  const record: HandshakeRecord = {
    id: 0,
    why: 'without verification, to see everything',
    experiment: 'look',
    sent: { address: '127.0.0.1', port: 1, limits: {}, client: 'none', verify: false, requestOcsp: false, resumed: false },
    at: '2026-11-22T03:04:05.000Z',
    timings: { tcpMs: 1, totalMs: 2 },
    outcome: 'not-tls',
    secureConnect: false,
    chain: [],
    scts: [],
    notTls: Buffer.from(`HTTP/1.1 200 ${HOSTILE}`),
    error: { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: HOSTILE },
  };
  return {
    schema: 'tlsmedic/observation@1',
    by: { tlsmedic: '0', node: 'v20', openssl: '3' },
    at: '2026-11-22T03:04:05.000Z',
    target: {
      input: HOSTILE,
      host: HOSTILE,
      port: 1,
      hostname: HOSTILE,
      resolution: { status: 'completed', value: { addresses: ['127.0.0.1'], asked: 'x' }, ms: 0 },
    },
    given: {
      trust: { store: HOSTILE, kind: 'none', files: [] },
      otherTrust: [],
      intermediates: [],
      crls: [],
      expectMtls: false,
      limits: {},
    },
    environment: {},
    handshakes: [record],
    clocks: [],
    plaintext: [],
    fetched: [],
  };
}

describe('a report on a hostile peer', () => {
  const document = diagnosisOf(hostileObservation());
  it('as a page: no markup of the peer survives, nothing is loaded', () => {
    const html = renderDiagnosisHtml(document);
    expect(document.causes[0]?.code).toBe('plaintext-http');
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/[\u202e\u001b]/);
    expect(html).toContain('&#60;script&#62;');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/\b(src|href)=/);
    expect(html).not.toMatch(/url\(|@import/);
  });
  it('as text: no control character reaches the terminal', () => {
    const text = renderDiagnosis(document, plainView({ verbose: true }));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text.split('\n')[0]).toMatch(/^✗ plaintext-http: /);
  });
});

describe('the handshake on the page', () => {
  it('is the one whose request was refused, where the server refuses the client above TLS', async () => {
    const world = worldNamed('client-cert-required-nginx');
    if (world === undefined) throw new Error('no such world');
    const { document } = await runWorld(world, 'TLSv1.3');
    expect(document.causes[0]?.code).toBe('client-cert-required');
    expect(renderDiagnosisHtml(document)).toMatch(/<b>GET<\/b> over TLS[\s\S]*<b>HTTP 400<\/b>/);
  });
});
