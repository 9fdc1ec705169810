/** What a service is, by the first bytes that it sends when it does not speak TLS. */
export interface SpokenProtocol {
  /** `http`, `smtp`, `ssh`, ...; `unknown` when nothing fits. */
  name: string;
  /** In words. */
  label: string;
  /** The `--starttls` word, when the protocol can change to TLS. */
  starttls?: string;
  /** The start of what it said, printable part, at most 80 characters. */
  said: string;
}

/** Printable start of bytes, the rest as dots: for people. Not a decoder. */
export function printable(bytes: Uint8Array, limit = 80): string {
  let out = '';
  for (const byte of bytes.subarray(0, limit)) {
    if (byte === 0x0a || byte === 0x0d) break;
    out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return out;
}

/** Whether bytes begin with a TLS record (handshake or alert of any version 3.x), as a TLS server's first answer does. */
export function looksLikeTls(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && (bytes[0] === 0x16 || bytes[0] === 0x15) && bytes[1] === 0x03 && (bytes[2] ?? 9) <= 0x04;
}

interface Signature {
  name: string;
  label: string;
  starttls?: string;
  matches(text: string, bytes: Uint8Array): boolean;
}

const SIGNATURES: readonly Signature[] = [
  { name: 'http', label: 'HTTP', matches: (text) => /^HTTP\/\d/.test(text) || /^\s*<(!doctype html|html|head|title)/i.test(text) },
  { name: 'ssh', label: 'SSH', matches: (text) => /^SSH-\d/.test(text) },
  {
    name: 'ftp',
    label: 'FTP',
    starttls: 'ftp',
    matches: (text) => /^220[ -].*(ftp|filezilla|pure-ftpd|proftpd|vsftpd)/i.test(text) || /^530[ -]please login/i.test(text),
  },
  { name: 'nntp', label: 'NNTP', starttls: 'nntp', matches: (text) => /^20[01][ -]/.test(text) },
  { name: 'lmtp', label: 'LMTP', starttls: 'lmtp', matches: (text) => /^220[ -].*lmtp/i.test(text) },
  { name: 'smtp', label: 'SMTP', starttls: 'smtp', matches: (text) => /^(220|554|421|500|502|503)[ -]/.test(text) },
  { name: 'imap', label: 'IMAP', starttls: 'imap', matches: (text) => /^\* (OK|PREAUTH|BYE|BAD)\b/i.test(text) },
  {
    name: 'pop3',
    label: 'POP3',
    starttls: 'pop3',
    matches: (text) =>
      /^(\+OK|-ERR)\b/.test(text) && !/^-ERR (unknown command|wrong number|Protocol error|max number|NOAUTH|DENIED)/i.test(text),
  },
  { name: 'redis', label: 'Redis', matches: (text) => /^-(ERR|NOAUTH|DENIED|LOADING|MISCONF)\b/.test(text) || /^\+PONG/.test(text) },
  { name: 'sieve', label: 'ManageSieve', starttls: 'sieve', matches: (text) => /^"IMPLEMENTATION"/i.test(text) },
  { name: 'xmpp', label: 'XMPP', starttls: 'xmpp', matches: (text) => /^<\?xml[^>]*>\s*<stream|^<stream:|^<\/?stream/i.test(text) },
  {
    name: 'irc',
    label: 'IRC',
    starttls: 'irc',
    matches: (text) => /^:\S+ (NOTICE|\d{3}|ERROR) /.test(text) || /^(NOTICE|ERROR :)/.test(text),
  },
  { name: 'amqp', label: 'AMQP', matches: (text) => text.startsWith('AMQP') },
  { name: 'nats', label: 'NATS', matches: (text) => /^INFO \{/.test(text) },
  { name: 'memcached', label: 'memcached', matches: (text) => /^(ERROR|CLIENT_ERROR|SERVER_ERROR)\b/.test(text) },
  { name: 'vnc', label: 'VNC', matches: (text) => /^RFB \d/.test(text) },
  { name: 'rtsp', label: 'RTSP', matches: (text) => /^RTSP\/\d/.test(text) },
  {
    name: 'http2',
    label: 'HTTP/2 without TLS',
    matches: (_, b) => b.length >= 9 && b[3] === 0x04 && b[0] === 0 && b[1] === 0 && (b[2] ?? 0) % 6 === 0 && b[5] === 0 && b[8] === 0,
  },
  // MySQL: three bytes of length, sequence number 0, protocol 10 (or an error packet 0xff), then the version in clear.
  {
    name: 'mysql',
    label: 'MySQL',
    starttls: 'mysql',
    matches: (_, b) =>
      b.length > 5 && b[3] === 0 && (b[4] === 0x0a || b[4] === 0xff) && (b[0] ?? 0) + ((b[1] ?? 0) << 8) >= 8 && b[2] === 0,
  },
  // PostgreSQL: an ErrorResponse, E, length, then fields that begin with S.
  {
    name: 'postgres',
    label: 'PostgreSQL',
    starttls: 'postgres',
    matches: (_, b) => b[0] === 0x45 && b.length > 6 && b[1] === 0 && b[5] === 0x53,
  },
  { name: 'mqtt', label: 'MQTT', matches: (_, b) => b[0] === 0x20 && b[1] === 0x02 && b.length <= 8 },
  {
    name: 'ldap',
    label: 'LDAP',
    starttls: 'ldap',
    matches: (_, b) => b[0] === 0x30 && b.length > 6 && b.indexOf(0x78) > 0 && b.indexOf(0x78) < 8,
  },
  {
    name: 'kafka',
    label: 'a length-prefixed protocol (Kafka?)',
    matches: (_, b) => b.length >= 8 && b[0] === 0 && b[1] === 0 && b.length === (b[2] ?? 0) * 256 + (b[3] ?? 0) + 4,
  },
];

/** Names the protocol of a service by what it said first; undefined when it said nothing or spoke TLS. */
export function spokenProtocol(bytes: Uint8Array): SpokenProtocol | undefined {
  if (bytes.length === 0 || looksLikeTls(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
  const said = printable(bytes);
  const match = SIGNATURES.find((signature) => signature.matches(text, bytes));
  if (match === undefined) return { name: 'unknown', label: 'an unknown protocol', said };
  return { name: match.name, label: match.label, ...(match.starttls !== undefined && { starttls: match.starttls }), said };
}

/** Answers that tell a plain client to use TLS are what a TLS port ought to give. */
const USE_TLS =
  /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL|requires? TLS|use https|Instead use the HTTPS scheme|SSL required/i;

/** Whether an answer to a plain question comes from a TLS port: a TLS record, or the words "use TLS". */
export function wantsTls(bytes: Uint8Array): boolean {
  return looksLikeTls(bytes) || USE_TLS.test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1'));
}
