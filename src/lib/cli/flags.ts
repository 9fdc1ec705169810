import * as Flags from '@oclif/core/flags';
import { TlsmedicError } from '../errors.js';
import { parseDuration, parseMoment } from '../time-text.js';
import { splitHostPort } from './host-port.js';

/**
 * The contract's "flags that several commands share", one object each: `static flags = { ca: sharedFlags.ca, at: sharedFlags.at, … }`.
 * Every flag, shared or not, has its environment name by rule (`--ca-dir` is TLSMEDIC_CA_DIR, see outside-values.ts); it is not written here.
 * Repeatable flags take one value each time. No secret is ever a flag's value.
 */

function usage(message: string, next: string): TlsmedicError {
  return new TlsmedicError('usage', message, { kind: 'usage', next: [next] });
}

/** A duration in seconds: `90`, `24h`, `1h30m`, `P90D`. */
export const duration = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (input, _context, options) => {
    const seconds = parseDuration(input);
    if (seconds === undefined || seconds < 0)
      throw usage(
        `--${(options as { name?: string }).name ?? 'duration'}: "${input}" is no duration`,
        'examples: 45s, 24h, 90d, 1h30m, P90D',
      );
    return seconds;
  },
});

/** A moment in milliseconds since 1970 UTC: ISO 8601, `@SECONDS`, `now`, `+30d`, `-1h`. */
export const moment = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (input, _context, options) => {
    const ms = parseMoment(input, Date.now());
    if (ms === undefined)
      throw usage(
        `--${(options as { name?: string }).name ?? 'at'}: "${input}" is no time`,
        'examples: 2026-11-22, 2026-11-22T03:04:05Z, @1795316645, +30d, -1h',
      );
    return ms;
  },
});

const hostPort = Flags.custom<{ host: string; port: number }>({
  helpValue: 'HOST:PORT',
  parse: async (input, _context, options) => {
    const split = splitHostPort(input);
    if (split === undefined)
      throw usage(
        `--${(options as { name?: string }).name ?? 'connect'}: "${input}" is not HOST:PORT`,
        'examples: db.internal:5432, 10.0.0.7:8443, [::1]:443',
      );
    return split;
  },
});

const proxyUrl = Flags.custom<string>({
  helpValue: 'URL',
  parse: async (input) => {
    if (!URL.canParse(input) || !/^(https?|socks5h?|socks4a?):$/.test(new URL(input).protocol)) {
      throw usage('--proxy: no address of a proxy', 'examples: http://proxy.internal:3128, socks5://127.0.0.1:1080');
    }
    return input;
  },
});

const commaList = Flags.custom<string[]>({
  helpValue: 'NAME[,NAME]',
  parse: async (input) =>
    input
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
});

const TRUST = 'TRUST';
const CLIENT = 'CLIENT CERTIFICATE';
const WHO = 'WHO IS MEANT';
const HOW = 'HOW TO CONNECT';
const LIMITS = 'LIMITS OF THE HANDSHAKE';

/** Protocols whose preface `--starttls` speaks. */
export const STARTTLS_PROTOCOLS = [
  'smtp',
  'lmtp',
  'imap',
  'pop3',
  'ftp',
  'xmpp',
  'xmpp-server',
  'ldap',
  'postgres',
  'mysql',
  'nntp',
  'sieve',
  'irc',
  'nats',
] as const;
/** Versions as `--min-version` and `--max-version` take them. */
export const VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;

export const sharedFlags = {
  ca: Flags.string({
    multiple: true,
    helpValue: 'FILE',
    helpGroup: TRUST,
    description: 'trust anchors; replaces every store (repeatable)',
  }),
  trust: Flags.string({
    options: ['system', 'mozilla', 'none'],
    helpGroup: TRUST,
    description: 'which store to trust when --ca is not given',
  }),
  intermediates: Flags.string({
    multiple: true,
    helpValue: 'FILE',
    helpGroup: TRUST,
    description: 'further certificates for path building, not trusted (repeatable)',
  }),
  crl: Flags.string({ multiple: true, helpValue: 'FILE', helpGroup: TRUST, description: 'certificate revocation list (repeatable)' }),
  cert: Flags.string({
    helpValue: 'FILE',
    helpGroup: CLIENT,
    description: 'client certificate, followed by its intermediates',
    exclusive: ['p12'],
  }),
  key: Flags.string({ helpValue: 'FILE', helpGroup: CLIENT, description: 'its private key', exclusive: ['p12'] }),
  p12: Flags.string({ helpValue: 'FILE', helpGroup: CLIENT, description: 'both, as PKCS#12', exclusive: ['cert', 'key'] }),
  'passphrase-file': Flags.string({
    helpValue: 'FILE',
    helpGroup: CLIENT,
    description: 'file whose first line is the passphrase (- for standard input)',
  }),
  servername: Flags.string({ helpValue: 'NAME', helpGroup: WHO, description: 'name to send as SNI' }),
  hostname: Flags.string({ helpValue: 'NAME', helpGroup: WHO, description: 'name that the certificate has to carry, when it differs' }),
  'spiffe-id': Flags.string({ helpValue: 'URI', helpGroup: WHO, description: 'SPIFFE ID that the certificate has to carry' }),
  'trust-domain': Flags.string({ helpValue: 'NAME', helpGroup: WHO, description: 'SPIFFE trust domain that it has to belong to' }),
  connect: hostPort({ helpGroup: HOW, description: 'connect here instead; the target stays the name that is meant' }),
  starttls: Flags.string({
    options: [...STARTTLS_PROTOCOLS],
    helpValue: 'PROTOCOL',
    helpGroup: HOW,
    description: `ask for TLS inside this protocol: ${STARTTLS_PROTOCOLS.join(', ')}`,
  }),
  proxy: proxyUrl({ helpGroup: HOW, description: 'go through an HTTP or SOCKS proxy' }),
  'min-version': Flags.string({ options: [...VERSIONS], helpGroup: LIMITS, description: 'lowest TLS version to offer' }),
  'max-version': Flags.string({ options: [...VERSIONS], helpGroup: LIMITS, description: 'highest TLS version to offer' }),
  ciphers: Flags.string({ helpValue: 'LIST', helpGroup: LIMITS, description: 'cipher suites to offer, in OpenSSL spelling' }),
  groups: Flags.string({ helpValue: 'LIST', helpGroup: LIMITS, description: 'key exchange groups to offer, colon separated' }),
  sigalgs: Flags.string({ helpValue: 'LIST', helpGroup: LIMITS, description: 'signature algorithms to offer, colon separated' }),
  alpn: commaList({ helpGroup: LIMITS, description: 'application protocols to offer' }),
  'expect-cert': Flags.string({ helpValue: 'FILE', helpGroup: WHO, description: 'certificate that the server ought to be serving' }),
  'expect-mtls': Flags.boolean({ helpGroup: WHO, description: 'the server ought to demand a client certificate' }),
  at: moment({ helpGroup: WHO, description: 'judge as of this time: ISO 8601, @SECONDS, +30d, -1h' }),
  timeout: duration({ helpGroup: HOW, description: 'seconds for each network step' }),
  deadline: duration({ helpGroup: HOW, description: 'seconds for everything' }),
  verbose: Flags.boolean({ char: 'v', description: 'more of what was seen' }),
  force: Flags.boolean({ description: 'overwrite existing files' }),
};

/** What every command that makes handshakes takes: whom to trust, who we are, who is meant, how to get there, what to offer. */
export const handshakeFlags = {
  ca: sharedFlags.ca,
  trust: sharedFlags.trust,
  intermediates: sharedFlags.intermediates,
  crl: sharedFlags.crl,
  cert: sharedFlags.cert,
  key: sharedFlags.key,
  p12: sharedFlags.p12,
  'passphrase-file': sharedFlags['passphrase-file'],
  servername: sharedFlags.servername,
  hostname: sharedFlags.hostname,
  'spiffe-id': sharedFlags['spiffe-id'],
  'trust-domain': sharedFlags['trust-domain'],
  connect: sharedFlags.connect,
  starttls: sharedFlags.starttls,
  proxy: sharedFlags.proxy,
  'min-version': sharedFlags['min-version'],
  'max-version': sharedFlags['max-version'],
  ciphers: sharedFlags.ciphers,
  groups: sharedFlags.groups,
  sigalgs: sharedFlags.sigalgs,
  alpn: sharedFlags.alpn,
};
