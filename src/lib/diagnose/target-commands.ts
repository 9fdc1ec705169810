import type { Party } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { callerValues } from './wording.js';

/** Protocols that `openssl s_client -starttls` knows. */
const OPENSSL_STARTTLS: ReadonlySet<string> = new Set([
  'smtp',
  'lmtp',
  'pop3',
  'imap',
  'ftp',
  'xmpp',
  'xmpp-server',
  'irc',
  'postgres',
  'mysql',
  'nntp',
  'sieve',
  'ldap',
]);

/**
 * Commands of the catalogue made to fit this target: behind STARTTLS they have to ask for it, a port that speaks something else than HTTP is
 * no place for curl, and where the client's certificate is the matter it is the one to look at. What cannot be made to fit is left out.
 */
export function commandsFor<T extends { title: string; command?: string }>(evidence: Evidence, party: Party, commands: readonly T[]): T[] {
  const { target, look } = evidence;
  const { starttls } = target;
  const notHttp = starttls !== undefined || look?.greeting !== undefined;
  const { cert } = callerValues(evidence);
  return commands.flatMap((one) => {
    let { command } = one;
    if (command === undefined) return [one];
    if (notHttp && /\bcurl\b.*https:\/\//.test(command)) return [];
    if (starttls !== undefined) {
      if (/openssl s_client/.test(command)) {
        if (!OPENSSL_STARTTLS.has(starttls)) return [];
        if (!command.includes('-starttls')) command = command.replace(/openssl s_client/g, `openssl s_client -starttls ${starttls}`);
      }
      if (/^tlsmedic diagnose /.test(command) && !command.includes('--starttls')) command = `${command} --starttls ${starttls}`;
    }
    if (party === 'client' && cert !== undefined) command = command.replace(/\bserver\.crt\b/g, String(cert));
    return [{ ...one, command }];
  });
}
