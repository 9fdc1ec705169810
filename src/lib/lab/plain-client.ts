import { readFileSync } from 'node:fs';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { errnoOf, messageOf } from '../errors.js';
import type { RunningWorld } from './world.js';

/** What an ordinary node:tls client makes of a server: the error its log would show, or that it was content. */
export interface PlainVerdict {
  /** It had no complaint. */
  content: boolean;
  /** `CERT_HAS_EXPIRED certificate has expired`, `connected, HTTP 400`, `connected, no answer`... */
  text: string;
  /** TLS alert received, 0 for none. */
  alert: number;
}

/**
 * Calls a world as an application would: node:tls with the world's files, verification on, one small GET once the handshake is through.
 * At most `patienceMs` for all of it.
 */
export function callPlainly(world: RunningWorld, patienceMs = 1500): Promise<PlainVerdict> {
  let options: ConnectionOptions;
  try {
    options = optionsFor(world);
  } catch (error) {
    return Promise.resolve(failed(error));
  }
  return new Promise((resolve) => {
    let secure = false;
    const done = (verdict: PlainVerdict): void => {
      clearTimeout(timer);
      socket?.destroy();
      resolve(verdict);
    };
    const timer = setTimeout(
      () => done({ content: secure, text: secure ? 'connected, no answer' : 'waits for ever', alert: 0 }),
      patienceMs,
    );
    let socket: TLSSocket | undefined;
    try {
      socket = connect(options);
    } catch (error) {
      done(failed(error));
      return;
    }
    socket.on('secureConnect', () => {
      secure = true;
      socket?.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (chunk: Buffer) => {
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(chunk.toString('latin1'))?.[1];
      done({
        content: status === undefined || status === '200',
        text: status === undefined ? 'connected' : `connected, HTTP ${status}`,
        alert: 0,
      });
    });
    socket.on('error', (error) => done(failed(error)));
    socket.on('close', () => done({ content: false, text: secure ? 'connected, then closed without a word' : 'closed', alert: 0 }));
  });
}

function optionsFor({ target, flags, endpoint }: RunningWorld): ConnectionOptions {
  const [host = '', port = ''] = target.split(/:(?=\d+$)/);
  const at = flags.connect ?? endpoint;
  const real = host.endsWith('.invalid') ? host : (at.split(':')[0] ?? host);
  const name = flags.servername ?? (/^[\d.]+$/.test(host) ? undefined : host);
  const read = (file: string): Buffer => readFileSync(file);
  return {
    host: real,
    port: Number(port),
    ...(name === undefined ? {} : { servername: name }),
    ...(flags.ca === undefined ? {} : { ca: flags.ca.map(read) }),
    ...(flags.cert === undefined ? {} : { cert: read(flags.cert) }),
    ...(flags.key === undefined ? {} : { key: read(flags.key) }),
    ...(flags.p12 === undefined ? {} : { pfx: read(flags.p12) }),
    ...(flags.passphraseFile === undefined ? {} : { passphrase: read(flags.passphraseFile).toString('utf8').trim() }),
    ...(flags.minVersion === undefined ? {} : { minVersion: versionOf(flags.minVersion) }),
    ...(flags.maxVersion === undefined ? {} : { maxVersion: versionOf(flags.maxVersion) }),
    ...(flags.ciphers === undefined ? {} : { ciphers: flags.ciphers }),
    ...(flags.groups === undefined ? {} : { ecdhCurve: flags.groups }),
    ...(flags.sigalgs === undefined ? {} : { sigalgs: flags.sigalgs }),
    ...(flags.alpn === undefined ? {} : { ALPNProtocols: flags.alpn.split(',') }),
  };
}

function versionOf(text: '1.0' | '1.1' | '1.2' | '1.3'): 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' {
  return text === '1.0' ? 'TLSv1' : `TLSv${text}`;
}

function failed(error: unknown): PlainVerdict {
  const message = messageOf(error);
  const code = errnoOf(error) ?? 'error';
  const alert = Number(/SSL alert number (\d+)/.exec(message)?.[1] ?? 0);
  return { content: false, text: code === 'UNSPECIFIED' ? `${code} ${message}` : code, alert };
}
