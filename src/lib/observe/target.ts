import { isIP } from 'node:net';
import { TlsmedicError } from '../errors.js';

/** Where to go, as read from what a person typed. */
export interface Target {
  /** As typed. */
  input: string;
  /** Name or IP address, without brackets; the path of a unix socket's name is in `socketPath`. */
  host: string;
  port: number;
  /** Scheme of a URL, lower case. */
  scheme?: string;
  /** Path and query of an http(s) URL. */
  httpPath?: string;
  /** Protocol that wants a STARTTLS exchange, when the scheme or port says so for certain. */
  starttls?: string;
  socketPath?: string;
}

/** Ports of schemes whose port may be left out, and the STARTTLS protocol where the scheme means one. */
const SCHEMES: Record<string, { port: number; starttls?: string }> = {
  https: { port: 443 },
  http: { port: 80 },
  wss: { port: 443 },
  ws: { port: 80 },
  tls: { port: 443 },
  tcp: { port: 443 },
  ssl: { port: 443 },
  grpcs: { port: 443 },
  smtps: { port: 465 },
  imaps: { port: 993 },
  pop3s: { port: 995 },
  ldaps: { port: 636 },
  ftps: { port: 990 },
  amqps: { port: 5671 },
  mqtts: { port: 8883 },
  rediss: { port: 6380 },
  smtp: { port: 25, starttls: 'smtp' },
  submission: { port: 587, starttls: 'smtp' },
  lmtp: { port: 24, starttls: 'lmtp' },
  imap: { port: 143, starttls: 'imap' },
  pop3: { port: 110, starttls: 'pop3' },
  ftp: { port: 21, starttls: 'ftp' },
  ldap: { port: 389, starttls: 'ldap' },
  postgres: { port: 5432, starttls: 'postgres' },
  postgresql: { port: 5432, starttls: 'postgres' },
  mysql: { port: 3306, starttls: 'mysql' },
  xmpp: { port: 5222, starttls: 'xmpp' },
  nats: { port: 4222, starttls: 'nats' },
  sieve: { port: 4190, starttls: 'sieve' },
};

/**
 * Reads `HOST`, `HOST:PORT`, `[IPv6]:PORT`, `unix:/path` or a URL. The port is 443 when nothing says otherwise.
 * @throws TlsmedicError `bad-target`
 */
export function parseTarget(input: string, defaultPort = 443): Target {
  const text = input.trim();
  const unix = /^(?:unix:(?:\/\/)?)(\/.+)$/.exec(text);
  if (unix) return { input, host: 'localhost', port: 0, socketPath: unix[1] as string };
  const url = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/(.*)$/s.exec(text);
  if (url) return fromUrl(input, (url[1] as string).toLowerCase(), url[2] as string, defaultPort);
  if (isIP(text) === 6) return { input, host: text, port: defaultPort };
  const { host, port } = hostAndPort(input, text);
  return { input, host, port: port ?? defaultPort };
}

function fromUrl(input: string, scheme: string, rest: string, defaultPort: number): Target {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const { host, port } = hostAndPort(input, authority.slice(authority.lastIndexOf('@') + 1));
  const known = SCHEMES[scheme];
  const target: Target = { input, host, port: port ?? known?.port ?? defaultPort, scheme };
  if (known?.starttls) target.starttls = known.starttls;
  if (scheme === 'https' || scheme === 'http') {
    const path = rest.slice(authority.length).replace(/#.*$/s, '');
    target.httpPath = path.startsWith('/') ? path : `/${path}`;
  }
  return target;
}

function hostAndPort(input: string, text: string): { host: string; port?: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:[\]\s/@]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new TlsmedicError('bad-target', `"${input}" is no target`, {
      kind: 'usage',
      next: ['examples: db.internal:5432, 10.0.0.7:8443, [::1]:443, https://api.internal/health, unix:/run/app.sock'],
    });
  }
  return port === undefined ? { host } : { host, port };
}

/** Host and port as a person writes them, brackets around IPv6. */
export function hostPortText(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
