import { describe, expect, it } from 'vitest';
import { explain, explanationExitStatus } from '../../src/lib/operations/explain.js';
import { renderAgain, renderExplanation } from '../../src/lib/report/explanation-text.js';
import { plainView } from '../../src/lib/report/view.js';

const NOW = new Date('2026-11-22T11:00:00Z');
const first = (text: string) => explain(text, { now: NOW }).causes[0];

describe('an explanation', () => {
  it('names both names, and the line that would prove it', () => {
    const cause = first('Get "https://ledger.test:8443/": x509: certificate is valid for a.test, *.b.test, not ledger.test');
    expect(cause).toMatchObject({ class: 'san-mismatch', side: 'client', party: 'server', confidence: 'likely' });
    expect(cause?.summary).toBe('the certificate is for a.test, *.b.test, not for ledger.test');
    expect(cause?.run[0]?.command).toBe('tlsmedic diagnose ledger.test:8443');
  });

  it('tells who sent an alert, and who sends such alerts', () => {
    const cause = first('http: TLS handshake error from 10.0.0.9:4711: remote error: tls: unknown certificate authority');
    expect(cause?.alert).toMatchObject({ number: 48, name: 'unknown_ca', sentBy: 'client' });
    expect(first('Get "https://a.test": remote error: tls: unknown certificate authority')?.alert).toMatchObject({ sentBy: 'server' });
  });

  it('is honest where the text cannot tell', () => {
    const cause = first('Get "https://a.test": remote error: tls: handshake failure');
    expect(cause).toMatchObject({ code: 'handshake-failure', confidence: 'possible' });
    expect(cause?.alternatives.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['cipher-mismatch', 'client-cert-required', 'version-mismatch', 'sni-rejected']),
    );
  });

  it('asks for a client certificate and for STARTTLS where they belong', () => {
    expect(
      first('psql: could not connect to server at "db.test:5432": SSL error: tlsv13 alert certificate required connection to db.test:5432')
        ?.run[0]?.command,
    ).toBe('tlsmedic diagnose db.test:5432 --cert client.crt --key client.key --starttls postgres');
  });

  it('looks at files where a program could not load its own', () => {
    expect(
      first(
        '2026/11/22 01:23:45 [emerg] 7#7: cannot load certificate "/etc/ssl/app/tls.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)',
      ),
    ).toMatchObject({
      code: 'file-missing',
      side: 'startup',
      party: 'local',
      run: [{ command: 'tlsmedic inspect /etc/ssl/app/tls.crt' }],
    });
  });

  describe('times against this clock', () => {
    const at = (current: string, verb: string, limit: string) =>
      first(`x509: certificate has expired or is not yet valid: current time ${current} is ${verb} ${limit}`);

    it('expired is expired', () => {
      const cause = at('2026-11-22T03:00:00Z', 'after', '2026-11-21T23:51:00Z');
      expect(cause).toMatchObject({
        code: 'expired',
        summary: 'a certificate ran out on 21 Nov 2026 23:51 UTC, 3 h 9 min before the text was written',
      });
    });

    it('a clock that is ahead and a certificate that is still good make a skew', () => {
      const cause = at('2027-03-01T00:00:00Z', 'after', '2027-01-01T00:00:00Z');
      expect(cause).toMatchObject({ class: 'clock-skew', code: 'local-clock-skew' });
      expect(cause?.alternatives[0]?.code).toBe('expired');
    });

    it('a clock that is ahead of ours is named even when the certificate is out by now', () => {
      const cause = at('2026-11-22T13:00:00Z', 'after', '2026-11-22T10:00:00Z');
      expect(cause?.code).toBe('expired');
      expect(cause?.evidence).toContainEqual({ fact: 'clock of the text ahead by', value: '2 h', source: "this machine's clock" });
    });

    it('not yet valid, but valid by now', () => {
      expect(at('2026-11-20T00:00:00Z', 'before', '2026-11-21T00:00:00Z')?.alternatives[0]?.code).toBe('local-clock-skew');
    });
  });

  it('exits with the class of the first cause, with 0 for a text without failure', () => {
    expect(explanationExitStatus(explain('x509: certificate signed by unknown authority', { now: NOW }))).toBe(12);
    const none = explain('all is well', { now: NOW });
    expect(none).toMatchObject({ schema: 'tlsmedic/explanation@1', ok: true, causes: [] });
    expect(explanationExitStatus(none)).toBe(0);
    expect(renderExplanation(none, plainView())).toMatch(/^✓ no TLS failure/);
  });

  it('writes nothing of a stranger onto the terminal unescaped', () => {
    const text = renderExplanation(explain('x509: certificate is valid for \u001b[2Jevil\u202e, not a\u0007b', { now: NOW }), plainView());
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('not for');
  });

  it('fits into 80 columns but for commands, which stay whole', () => {
    const text = renderExplanation(
      explain('http: TLS handshake error from 10.0.0.9:4711: remote error: tls: bad certificate', { now: NOW }),
      plainView(),
    );
    for (const line of text.split('\n')) if (!line.includes('tlsmedic ')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('does not take the target of another line for its own', () => {
    const text = [
      'Nov 22 03:12:46 node1 kubelet[812]: Get "https://10.0.0.2:6443/api": x509: certificate has expired or is not yet valid: current time 2026-11-22T03:12:46Z is after 2026-11-21T00:00:00Z',
      'Nov 22 03:12:46 node1 postgres[7]: FATAL: connection requires a valid client certificate',
    ].join('\n');
    const causes = explain(text, { now: NOW }).causes;
    expect(causes.map(({ code, run }) => [code, run[0]?.command])).toEqual([
      ['expired', 'tlsmedic diagnose 10.0.0.2:6443'],
      ['client-cert-required', 'tlsmedic diagnose HOST:PORT --cert client.crt --key client.key'],
    ]);
  });

  it('shows a long line from the words that matched, and wraps its verdict at the width', () => {
    const text = `${'worker 17 of 32 in zone eu-west-1b '.repeat(6)}call to ledger failed: x509: certificate signed by unknown authority`;
    const [cause] = explain(text, { now: NOW }).causes;
    expect(cause?.said).toMatch(/^….{0,119}certificate signed by unknown authority$/);
    const screen = renderExplanation(explain('remote error: tls: bad certificate', { now: NOW }), plainView());
    expect(screen.split('\n').slice(0, 2)).toEqual([
      "! client-cert-rejected: the server refused the client's certificate, alert 42",
      '  bad_certificate: a certificate was corrupt or not acceptable',
    ]);
  });

  it('tells a cause that goes on in one line, the day once', () => {
    const line = (time: string) => `Nov 22 ${time} gw app[1]: Get "https://a.test:8443/": x509: certificate signed by unknown authority`;
    const [cause] = explain(['01:24:00', '02:00:00', '03:12:00'].map(line).join('\n'), { now: NOW }).causes;
    if (cause === undefined) throw new Error('no cause');
    expect(renderAgain(cause, plainView())).toBe('· unknown-authority a.test:8443 again: 3 times, 22 Nov 2026 01:24 to 03:12 UTC');
    const [once] = explain(`${line('01:24:00')}\n${line('01:24:30')}`, { now: NOW }).causes;
    if (once === undefined) throw new Error('no cause');
    expect(renderAgain(once, plainView())).toContain('again: 2 times, 22 Nov 2026 01:24 UTC');
  });
});
