import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Explainer, explainText } from '../../src/lib/messages/explain.js';

const NOW = new Date('2026-11-22T11:00:00Z');
const first = (text: string) => explainText(text, NOW)[0]?.code;

/**
 * Lines with the words of certificates, expiry, keys and handshakes that tell of no TLS failure: tokens, SSH, packages, Kerberos, DNSSEC, VPNs, passwords,
 * databases; renewals, successful handshakes, listings, configuration, metrics, access logs; source code, tests, commits and prose about failures.
 */
const LINES = readFileSync(new URL('./no-failure.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean);

describe('what is no TLS failure', () => {
  it('is silent, line by line', () => {
    expect(LINES.length).toBeGreaterThan(750);
    expect(LINES.flatMap((line) => explainText(line, NOW).map(({ code }) => `${code}: ${line}`))).toEqual([]);
  });

  it('is silent as one log, of which each line is read many times', () => {
    const explainer = new Explainer(NOW);
    const bytes = new TextEncoder().encode(`${LINES.join('\n')}\n`);
    for (let i = 0; i < 8; i++) explainer.push(bytes);
    explainer.end();
    expect(explainer.causes().map(({ code, sample }) => `${code}: ${sample}`)).toEqual([]);
  });
});

describe('a failure is none the less one', () => {
  it.each([
    // Beside a look-alike's word.
    ['[ERR] raft: Failed to heartbeat to 10.0.0.4:8300: remote error: tls: bad certificate', 'client-cert-rejected'],
    ["WebSocket connection to 'wss://a.test/ws' failed: net::ERR_CERT_DATE_INVALID", 'expired-or-not-yet-valid'],
    ['jwks: Get "https://idp.test/keys": x509: certificate signed by unknown authority', 'unknown-authority'],
    // In a list of errors, which looks like a comment.
    ['1 error occurred:\n\t* Get "https://a.test:8200": x509: certificate is valid for b.test, not a.test', 'san-mismatch'],
    ['Errors:\n\n* tls: failed to verify certificate: x509: certificate signed by unknown authority', 'unknown-authority'],
    ['* SSL certificate problem: certificate has expired', 'expired'],
    // With a date that is due, or beside good news.
    ['certificate renewed, but reload failed: SSL_CTX_use_PrivateKey_file: key values mismatch', 'key-mismatch'],
    ['upstream "https://10.0.0.4:8443/": connect() failed (111: Connection refused) while connecting to upstream', 'refused'],
    // In a trace, with the source line above it.
    ['    raise SSLError(e, request=request)\nrequests.exceptions.SSLError: certificate verify failed: certificate has expired', 'expired'],
    [
      "fatal: unable to access 'https://git.test/a.git/': server certificate verification failed. CAfile: none CRLfile: none",
      'unknown-authority',
    ],
  ])('%s', (text, code) => {
    expect(first(text)).toBe(code);
  });
});
