import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Explainer, explainText } from '../../src/lib/messages/explain.js';

const NOW = new Date('2026-11-22T11:00:00Z');
const EXPIRED = 'x509: certificate has expired or is not yet valid: current time 2026-11-22T03:00:00Z is after 2026-11-21T23:51:00Z';

/** Explains bytes handed over in pieces cut at the given places. */
function explainInPieces(bytes: Uint8Array, cuts: readonly number[]) {
  const explainer = new Explainer(NOW);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    explainer.push(bytes.subarray(from, place));
    from = place;
  }
  explainer.end();
  return explainer.causes();
}

const JOURNAL = [
  `Nov 22 03:12:44 web1 gateway[812]: Get "https://ledger:8443/": ${EXPIRED}`,
  'Nov 22 03:12:45 web1 gateway[812]: served 200',
  `{"level":"error","ts":1795310415.48,"msg":"call failed","error":"Get \\"https://ledger:8443/\\": ${EXPIRED}"}`,
  'I1122 03:12:46.123456       1 httplog.go:132] "HTTP" verb="GET" URI="/readyz" resp=200',
  `E1122 03:12:47.123456       1 client.go:77] Get "https://ledger:8443/": ${EXPIRED}`,
  `time="2026-11-22T03:12:48Z" level=error msg="Get \\"https://ledger:8443/\\": ${EXPIRED}"`,
  `gateway-5d8f7c9b44-xk2lp gateway 2026/11/22 03:12:49 Get "https://ledger:8443/": ${EXPIRED}`,
  '2026/11/22 03:12:50 http: TLS handshake error from 10.0.0.9:4711: remote error: tls: bad certificate',
].join('\n');

describe('a log', () => {
  it('is one cause for each failure, counted, with the first and the last time, whatever the prefix', () => {
    const causes = explainText(JOURNAL, NOW);
    expect(causes.map(({ code, side, count, line }) => ({ code, side, count, line }))).toEqual([
      { code: 'expired', side: 'client', count: 5, line: 1 },
      { code: 'unknown-authority', side: 'server', count: 1, line: 8 },
    ]);
    const [expired] = causes;
    expect(new Date(expired?.firstAt ?? 0).toISOString()).toBe('2026-11-22T01:20:15.480Z');
    expect(new Date(expired?.lastAt ?? 0).toISOString()).toBe('2026-11-22T03:12:49.000Z');
    expect(expired?.captured).toMatchObject({ host: 'ledger', port: 8443, notAfter: '2026-11-21T23:51:00.000Z' });
  });

  it('means the same wherever it is cut into pieces', () => {
    const bytes = new TextEncoder().encode(`${`${JOURNAL}\n`.repeat(20)}`);
    const whole = explainInPieces(bytes, []);
    expect(whole[0]?.count).toBe(100);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        const pieces = explainInPieces(bytes, cuts);
        expect(pieces.map(({ code, count, line, side }) => ({ code, count, line, side }))).toEqual(
          whole.map(({ code, count, line, side }) => ({ code, count, line, side })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('counts a stack trace once, and its cause decides', () => {
    const trace = [
      '2026-11-22 03:02:56.530 ERROR 1 --- [nio-8080-exec-4] c.e.PaymentClient : payment call failed',
      'org.springframework.web.client.ResourceAccessException: I/O error on POST request for "https://payments.test/v1": PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed',
      '\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:785)',
      ...Array.from({ length: 30 }, (_, i) => `\tat com.example.Frame${i}.run(Frame.java:${i})`),
      'Caused by: javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed',
      '\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)',
      'Caused by: java.security.cert.CertificateExpiredException: NotAfter: Sat Nov 21 23:51:00 UTC 2026',
      '\t... 40 more',
      '2026-11-22 03:02:57.000  INFO 1 --- [main] c.e.Other : fine',
    ];
    const causes = explainText([...trace, ...trace].join('\n'), NOW);
    expect(causes.map(({ code, count }) => ({ code, count }))).toEqual([{ code: 'expired', count: 2 }]);
    expect(causes[0]?.captured).toMatchObject({ host: 'payments.test', notAfter: '2026-11-21T23:51:00.000Z' });
  });

  it('puts the reason before its consequence', () => {
    const causes = explainText(
      'depth=0 CN = orders\nverify error:num=10:certificate has expired\n80AB:error:0A000086:SSL routines:tls_process_client_certificate:certificate verify failed:ssl/statem/statem_srvr.c:3530:\n',
      NOW,
    );
    expect(causes.map(({ code }) => code)).toEqual(['client-cert-expired']);
  });

  it('keeps what happens all the time before what happened once', () => {
    const lines = ['2026/11/22 03:00:00 http: TLS handshake error from 10.0.0.1:1: tls: client offered only unsupported versions: [301]'];
    for (let i = 0; i < 200; i++) lines.push(`2026/11/22 03:01:00 Get "https://ledger:8443/": ${EXPIRED}`);
    expect(explainText(lines.join('\n'), NOW)[0]?.code).toBe('expired');
  });

  it('reads lines with CR LF, without an end, and empty ones', () => {
    expect(explainText(`\r\n\r\n${EXPIRED}\r\n`, NOW)[0]).toMatchObject({ code: 'expired', line: 3 });
    expect(explainText('\n\n\n', NOW)).toEqual([]);
  });

  it('survives binary, endless lines and broken UTF-8, and finds what lies in them', () => {
    const noise = new Uint8Array(300_000);
    for (let i = 0, state = 1; i < noise.length; i++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      noise[i] = state >>> 24 === 0x0a ? 0x20 : state >>> 24;
    }
    const text = new TextEncoder().encode(` ${EXPIRED} `);
    noise.set(text, 200_000);
    const causes = explainInPieces(noise, [1, 100_000, 199_990, 250_000]);
    expect(causes.map(({ code }) => code)).toEqual(['expired']);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.array(fc.nat(2000), { maxLength: 5 }), (bytes, cuts) => {
        explainInPieces(bytes, cuts);
      }),
      { numRuns: 300 },
    );
  });

  it('holds a bounded number of causes, however many hosts fail', () => {
    const explainer = new Explainer(NOW);
    for (let i = 0; i < 5000; i++)
      explainer.push(
        new TextEncoder().encode(`2026/11/22 03:00:00 Get "https://host-${i}.test:8443/": x509: certificate signed by unknown authority\n`),
      );
    explainer.end();
    const causes = explainer.causes();
    expect(causes.length).toBeLessThanOrEqual(300);
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
  });

  it('takes no more than milliseconds for a line made to be slow', () => {
    const hostile = [
      'x509: certificate is valid for '.repeat(260),
      'certificate of '.repeat(540),
      `received unexpected ${'SSL routines '.repeat(620)}`,
      'failed to load '.repeat(540),
      `${'key '.repeat(2000)}no such file`,
      'could not load certificate from file "'.repeat(210),
      `x509: ${'\\"'.repeat(4000)} certificate signed by unknown authority (possibly because of `,
    ];
    for (const line of hostile) {
      const before = process.cpuUsage();
      explainText(`${line}\n`.repeat(20), NOW);
      const { user } = process.cpuUsage(before);
      expect(user / 1000 / 20).toBeLessThan(120);
    }
  });

  it('says the same of a long log as of its lines one by one, though lines of one shape are worked out once', () => {
    const lines = Array.from({ length: 400 }, (_, i) => {
      const time = new Date(Date.UTC(2026, 10, 22, 3) + i * 3000).toISOString();
      const peer = `10.0.${i % 7}.${i % 200}:${4000 + i}`;
      return [
        `${time} http: TLS handshake error from ${peer}: remote error: tls: ${i % 3 === 0 ? 'bad certificate' : 'unknown certificate authority'}`,
        `${time} [info] 31#31: *${i} SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number ${i % 2 === 0 ? 48 : 42}) while SSL handshaking, client: 10.0.0.9, server: 0.0.0.0:443`,
        `${time} ERROR dial tcp 10.0.0.${i % 4}:8443: x509: certificate is valid for 10.1.0.${i % 4}, not 10.0.0.${i % 4}`,
        `${time} LOG: could not accept SSL connection: certificate verify failed`,
      ][i % 4] as string;
    });
    const summary = (texts: readonly string[]) => {
      const counted = new Map<string, number>();
      for (const text of texts)
        for (const { code, side, count, captured } of explainText(text, NOW)) {
          const key = `${side} ${code} ${captured.host ?? ''}:${captured.port ?? ''}`;
          counted.set(key, (counted.get(key) ?? 0) + count);
        }
      return [...counted].sort();
    };
    expect(lines.join('\n').length).toBeGreaterThan(3 * 16 * 1024);
    expect(summary([lines.join('\n')])).toEqual(summary(lines));
  });
});
