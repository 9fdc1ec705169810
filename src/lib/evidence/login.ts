import type { LoginProtocol } from '../observe/login-dialogue.js';
import type { HandshakeRecord } from '../observe/observation.js';

/** The protocol that a greeting over TLS belongs to, when a login can be begun in it; undefined for every other. */
function loginProtocolOf(greeting: string): LoginProtocol | undefined {
  if (/^\* OK\b/i.test(greeting)) return /LOGINDISABLED/i.test(greeting) ? undefined : 'imap';
  return /^\+OK\b/.test(greeting) ? 'pop3' : undefined;
}

/** The protocol of a mail server that was reached over TLS, by its greeting or by the STARTTLS that led there. */
export function loginOf({ greeting, sent, secureConnect }: HandshakeRecord): LoginProtocol | undefined {
  if (!secureConnect) return undefined;
  if (sent.starttls === 'imap' || sent.starttls === 'pop3') return sent.starttls;
  return greeting === undefined ? undefined : loginProtocolOf(greeting);
}
