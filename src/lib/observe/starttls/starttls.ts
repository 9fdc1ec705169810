import type { PrefaceStream } from '../preface/preface-stream.js';
import { ftp } from './ftp.js';
import { imap } from './imap.js';
import { irc } from './irc.js';
import { ldap } from './ldap.js';
import { mysql } from './mysql.js';
import { nats } from './nats.js';
import { nntp } from './nntp.js';
import { pop3 } from './pop3.js';
import { postgres } from './postgres.js';
import { sieve } from './sieve.js';
import { lmtp, smtp } from './smtp.js';
import { xmpp, xmppServer } from './xmpp.js';

/** Asks for TLS inside a protocol: resolves when the next byte is TLS, throws `PrefaceFailed` otherwise. `name` is the server's name, for protocols that say it. */
export type StartTls = (stream: PrefaceStream, name: string) => Promise<void>;

const PROTOCOLS: Readonly<Record<string, StartTls>> = {
  smtp,
  lmtp,
  imap,
  pop3,
  ftp,
  ldap,
  postgres,
  mysql,
  xmpp,
  'xmpp-server': xmppServer,
  nats,
  sieve,
  nntp,
  irc,
};

/** Names for `--starttls`. */
export const STARTTLS_NAMES: readonly string[] = Object.keys(PROTOCOLS);

/** The exchange of that protocol, if it is one that is spoken here. */
export function startTlsOf(protocol: string): StartTls | undefined {
  return Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
}
