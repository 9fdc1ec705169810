import { TlsmedicError } from '../../errors.js';

/** A proxy to go through. Credentials come from the environment alone and never stand in a record. */
export interface ProxyServer {
  kind: 'http' | 'https' | 'socks5' | 'socks4a';
  host: string;
  port: number;
  credentials?: { username: string; password: string };
  /** Trust anchors for an https proxy besides node's own, PEM each. */
  ca?: readonly string[];
}

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080, socks4a: 1080 } as const;

/**
 * Reads a proxy's address. `environment` gives TLSMEDIC_PROXY_USERNAME and TLSMEDIC_PROXY_PASSWORD.
 * @throws TlsmedicError `bad-proxy`; also for credentials in the address, which would stand in the process list
 */
export function parseProxy(url: string, environment: Readonly<Record<string, string | undefined>>): ProxyServer {
  const next = [
    'examples: --proxy http://proxy.internal:3128, --proxy socks5://127.0.0.1:1080',
    'credentials: TLSMEDIC_PROXY_USERNAME and TLSMEDIC_PROXY_PASSWORD in the environment',
  ];
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol
    .slice(0, -1)
    .replace(/^socks5h$/, 'socks5')
    .replace(/^socks4$/, 'socks4a');
  if (!parsed || parsed.hostname === '' || (scheme !== 'http' && scheme !== 'https' && scheme !== 'socks5' && scheme !== 'socks4a')) {
    throw new TlsmedicError('bad-proxy', 'no address of a proxy', { kind: 'usage', next });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TlsmedicError('bad-proxy', 'credentials in the address of a proxy stand in the process list for everybody', {
      kind: 'usage',
      next,
    });
  }
  const proxy: ProxyServer = {
    kind: scheme,
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? DEFAULT_PORTS[scheme] : Number(parsed.port),
  };
  const username = environment.TLSMEDIC_PROXY_USERNAME;
  if (username) proxy.credentials = { username, password: environment.TLSMEDIC_PROXY_PASSWORD ?? '' };
  return proxy;
}

/** `http://proxy.internal:3128`, without credentials. */
export function proxyText({ kind, host, port }: ProxyServer): string {
  return `${kind}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
