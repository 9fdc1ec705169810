import type { Cause } from '../../cause.js';
import { alertName } from '../../tls/alerts.js';
import { cipherSuiteName } from '../../tls/cipher-suites.js';
import { groupName } from '../../tls/groups.js';
import type { Transcript } from '../../tls/transcript.js';
import { TLS_13, versionName } from '../../tls/versions.js';
import { make } from './assess-client.js';
import type { AlertSeen, ConnectionEvent } from './events.js';

/** What was agreed, from the wire, so that it is known also when the connection is gone; null before a ServerHello. */
export function negotiatedIn(transcript: Transcript | undefined): ConnectionEvent['negotiated'] {
  const messages = transcript?.messages ?? [];
  const hello = messages.find((message) => message.type === 'server_hello');
  if (hello?.type !== 'server_hello') return null;
  const exchange = messages.find((message) => message.type === 'server_key_exchange');
  const encrypted = messages.find((message) => message.type === 'encrypted_extensions');
  const group = hello.hello.group ?? (exchange?.type === 'server_key_exchange' ? exchange.group : undefined);
  const showed = messages.some(({ from, type }) => from === 'server' && type === 'certificate');
  return {
    version: versionName(hello.hello.version),
    cipher: cipherSuiteName(hello.hello.cipherSuite),
    group: group === undefined ? null : groupName(group),
    alpn: hello.hello.alpn ?? (encrypted?.type === 'encrypted_extensions' ? encrypted.alpn : undefined) ?? null,
    resumed: hello.hello.preSharedKeyAccepted || (hello.hello.version < TLS_13 && hello.hello.sessionIdEchoed && !showed),
  };
}

/** DER of the client's Certificate message, decrypted below TLS; undefined when it sent none (yet). */
export function clientChainIn(transcript: Transcript | undefined): Uint8Array[] | undefined {
  const message = transcript?.messages.find((one) => one.from === 'client' && one.type === 'certificate');
  return message?.type === 'certificate' ? message.certificate.certificates : undefined;
}

/** Whether the client has seen the server's whole first flight. */
export function sawOurCertificate(transcript: Transcript | undefined): boolean {
  return (transcript?.messages ?? []).some(({ from, type }) => from === 'server' && (type === 'finished' || type === 'server_hello_done'));
}

/** Alerts on the wire, and the one that OpenSSL says it got when the wire could not be read. */
export function alertsIn(transcript: Transcript | undefined, error: { message: string } | undefined): AlertSeen[] {
  const seen: AlertSeen[] = (transcript?.messages ?? []).flatMap((message) =>
    message.type === 'alert' ? [{ from: message.from, number: message.alert.number, name: message.alert.name }] : [],
  );
  const told = error === undefined ? undefined : alertIn(error);
  return told === undefined || seen.some(({ from, number }) => from === 'client' && number === told.number) ? seen : [...seen, told];
}

/** The alert that OpenSSL says it received, out of its error. */
export function alertIn(error: { message: string }): AlertSeen | undefined {
  const number = /SSL alert number (\d+)/.exec(error.message)?.[1];
  return number === undefined ? undefined : { from: 'client', number: Number(number), name: alertName(Number(number)) };
}

/** Whether the client's Finished came. */
export function clientFinished(transcript: Transcript | undefined): boolean {
  return (transcript?.messages ?? []).some(({ from, type }) => from === 'client' && type === 'finished');
}

/** Whether the last bytes of a client are an encrypted close_notify: an alert record, or in TLS 1.3 a record with room for no more than one (RFC 8446 §5.2). */
export function endsWithGoodbye(bytes: Uint8Array): boolean {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const size = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number);
    const end = at + 5 + size;
    if (end >= bytes.length) return end === bytes.length && (bytes[at] === 21 || (bytes[at] === 23 && size === 19));
    at = end;
  }
  return false;
}

/** What a client is that begins without TLS. */
export function plaintextCause(first: Buffer): Cause {
  const text = first.toString('latin1');
  const seen = [{ fact: 'firstBytes', value: text.slice(0, 40), source: 'client' }];
  if (/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PRI) /.test(text))
    return make('plaintext-http', 'client', 'the client speaks HTTP in clear to a TLS port', seen);
  return make('not-tls', 'client', `the client's first bytes are no TLS: ${JSON.stringify(text.slice(0, 24))}`, seen);
}
