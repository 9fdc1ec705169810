import type { Fix } from '../cause.js';

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

/** What is to be done where a server of that STARTTLS protocol does not begin TLS; empty for a protocol without a common server. */
export function starttlsFixes(protocol: string | undefined): Fix[] {
  const fix = SWITCH_ON[protocol?.replace('-server', '') ?? ''];
  return fix ? [fix] : [];
}
