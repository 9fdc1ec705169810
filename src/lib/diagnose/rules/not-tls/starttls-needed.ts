import { defineMeta } from '../../meta.js';
import { spokenFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'starttls-needed',
  severity: 'error',
  party: 'client',
  title: 'the port starts in plaintext and changes to TLS on request',
  why: 'Mail, database and directory protocols often begin in the clear and switch to TLS after a command of their own (STARTTLS, SSLRequest). A client that opens with TLS is not understood: some servers answer with their greeting, PostgreSQL just closes.',
  wordings: [
    { runtime: 'OpenSSL', text: 'wrong version number; unexpected eof while reading' },
    {
      runtime: 'Node.js',
      text: 'ERR_SSL_WRONG_VERSION_NUMBER, ECONNRESET: Client network socket disconnected before secure TLS connection was established',
    },
    { runtime: 'Go', text: 'tls: first record does not look like a TLS handshake' },
    { runtime: 'Java', text: 'Unsupported or unrecognized SSL message' },
    { runtime: 'PostgreSQL log', text: 'invalid length of startup packet' },
    { runtime: 'MySQL', text: 'Got packets out of order; Bad handshake' },
  ],
  confirm: [{ title: 'let openssl do the preface', command: 'openssl s_client -starttls {protocol} -connect {host}:{port} </dev/null' }],
  fixes: [
    { title: 'speak the preface first', command: 'tlsmedic diagnose {host}:{port} --starttls {protocol}' },
    { title: 'or use the port that begins with TLS (smtps 465, imaps 993, pop3s 995, ldaps 636)' },
    { title: 'switch TLS on in the driver: sslmode=verify-full (PostgreSQL), --ssl-mode=VERIFY_IDENTITY (MySQL)' },
  ],
  references: [
    { rfc: 3207, title: 'SMTP over TLS' },
    { rfc: 2595, title: 'IMAP, POP3 with TLS' },
    { rfc: 8314, section: '3', title: 'Implicit TLS' },
  ],
  alerts: [],
  supersedes: ['not-tls', 'reset'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => spokenFinding(evidence, 'starttls-needed'),
});
