import type { CauseCode, Fix, Party } from '../cause.js';
import { failedAtProxy, proxyFixes, proxyParty } from '../diagnose/proxy-fixes.js';
import type { HandshakeRecord } from '../observe/observation.js';

/** What failed before TLS began: the way through the proxy, or the question for STARTTLS. */
export interface PrefaceVerdict {
  code: CauseCode;
  summary: string;
  party?: Party;
  fixes: readonly Fix[];
}

/** How the common servers of a protocol are told to offer TLS. */
const SWITCH_ON: Readonly<Record<string, Fix>> = {
  smtp: {
    title: 'switch TLS on in the mail server (Postfix)',
    command: 'postconf -e smtpd_tls_security_level=may smtpd_tls_chain_files=/etc/postfix/key-and-chain.pem && postfix reload',
  },
  lmtp: { title: 'switch TLS on in the mail server (Dovecot: ssl = yes, ssl_cert, ssl_key)', command: 'doveconf -n | grep ^ssl' },
  imap: { title: 'switch TLS on in the mail server (Dovecot: ssl = yes, ssl_cert, ssl_key)', command: 'doveconf -n | grep ^ssl' },
  pop3: { title: 'switch TLS on in the mail server (Dovecot: ssl = yes, ssl_cert, ssl_key)', command: 'doveconf -n | grep ^ssl' },
  sieve: { title: 'switch TLS on in the mail server (Dovecot: ssl = yes, ssl_cert, ssl_key)', command: 'doveconf -n | grep ^ssl' },
  ftp: { title: 'switch TLS on in the server (vsftpd: ssl_enable=YES, rsa_cert_file, rsa_private_key_file)' },
  ldap: { title: 'give the server a certificate (OpenLDAP: olcTLSCertificateFile and olcTLSCertificateKeyFile in cn=config)' },
  postgres: {
    title: 'switch TLS on in the server, with server.crt and server.key in its data directory',
    command: 'psql -c "alter system set ssl = on" -c "select pg_reload_conf()"',
  },
  mysql: { title: 'switch TLS on in the server: ssl_cert and ssl_key under [mysqld], then restart it' },
  xmpp: {
    title: 'switch TLS on in the server (Prosody: the module "tls", and a certificate for the host)',
    command: 'prosodyctl check certs',
  },
  nats: { title: 'switch TLS on in the server: a block tls { cert_file, key_file } in its configuration' },
  nntp: { title: 'switch TLS on in the server (INN: tlscertfile and tlskeyfile in inn.conf)' },
  irc: { title: 'switch TLS on in the server; many IRC servers speak TLS only on port 6697, without STARTTLS' },
};

/** The verdict on a handshake that never began because of what had to come before it. */
export function prefaceVerdict(record: HandshakeRecord): PrefaceVerdict {
  const { starttls, proxy } = record.sent;
  const { code = 'unknown', message = 'no reason known' } = record.error ?? {};
  const atProxy = proxy !== undefined && failedAtProxy(record);
  const summary = atProxy ? `the way through the proxy ${proxy} failed: ${message}` : `STARTTLS in ${starttls} failed: ${message}`;
  if (code === 'timeout') return { code: 'timeout', summary, fixes: [] };
  const ended = code === 'closed' || code === 'ECONNRESET';
  if (atProxy) return { code: ended ? 'reset' : 'refused', summary, party: proxyParty(code), fixes: proxyFixes(code, proxy) };
  if (ended) return { code: 'reset', summary, fixes: [] };
  const fix = SWITCH_ON[starttls?.replace('-server', '') ?? ''];
  return { code: 'not-tls', summary, fixes: fix ? [fix] : [] };
}

/** Fixes for a proxy to which no connection comes about. */
export function unreachableProxyFixes(record: HandshakeRecord): readonly Fix[] {
  return record.sent.proxy === undefined ? [] : proxyFixes(record.error?.code ?? '', record.sent.proxy);
}
