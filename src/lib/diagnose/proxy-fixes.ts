import type { Fix, Party } from '../cause.js';
import type { HandshakeRecord } from '../observe/observation.js';

/** Whether what failed before TLS was the way through the proxy. With STARTTLS too, the proxy comes first and its failures have codes of their own. */
export function failedAtProxy({ outcome, sent, error }: HandshakeRecord): boolean {
  return (
    outcome === 'preface-failed' && sent.proxy !== undefined && (sent.starttls === undefined || (error?.code ?? '').startsWith('proxy-'))
  );
}

const SET_CREDENTIALS: Fix = {
  title: 'give the credentials by the environment, where no process list shows them',
  command: 'export TLSMEDIC_PROXY_USERNAME=NAME; read -rs TLSMEDIC_PROXY_PASSWORD; export TLSMEDIC_PROXY_PASSWORD',
};

/** Fixes for what the proxy said, by the code of the failure. */
export function proxyFixes(code: string, proxy: string): Fix[] {
  switch (code) {
    case 'proxy-wants-credentials':
      return [SET_CREDENTIALS];
    case 'proxy-refuses-credentials':
      return [{ title: 'the proxy knows another name or password', command: SET_CREDENTIALS.command as string }];
    case 'proxy-policy':
      return [
        {
          title: 'have the proxy allow this host and port: most allow CONNECT to port 443 only (squid: SSL_ports, tinyproxy: ConnectPort)',
        },
      ];
    case 'proxy-target':
      return [{ title: 'the proxy is fine; the target is not reachable from there: is the name known there, does something listen?' }];
    case 'proxy-no-tls':
      return [{ title: 'the proxy speaks no TLS on this port', command: `--proxy ${proxy.replace(/^https:/, 'http:')}` }];
    case 'proxy-untrusted':
      return [{ title: "name the authority of the proxy's own certificate", command: '--ca proxy-ca.crt' }];
    case 'ECONNREFUSED':
      return [{ title: 'is this the address of the proxy, and does it run?' }];
    default:
      return [{ title: "look into the proxy's log at this moment" }];
  }
}

/** Who has to act when the proxy says no: whoever gives it credentials and address, whoever runs it, or the server behind it. */
export function proxyParty(code: string): Party {
  if (code === 'proxy-target') return 'server';
  return code === 'proxy-policy' || code === 'proxy-refused' || code === 'closed' || code === 'timeout' ? 'network' : 'local';
}
