import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { type IssueRequest, issueCertificate } from '../../../src/lib/ca/issue.js';
import type { ConnectionEvent, ServeEvent } from '../../../src/lib/lab/serve/events.js';
import { type ServeOptions, type Serving, serve } from '../../../src/lib/operations/serve.js';

/** A `serve` with an authority of its own, and everything it told. */
export interface Session {
  serving: Serving;
  events: ServeEvent[];
  connections(): ConnectionEvent[];
  /** The n-th connection told of, waited for. */
  connection(n: number): Promise<ConnectionEvent>;
  event<K extends ServeEvent['event']>(kind: K, n?: number): Promise<Extract<ServeEvent, { event: K }>>;
  authority: ReturnType<typeof createAuthority>;
  directory: string;
  files: { ca: string; cert: string; key: string };
  issue(request: IssueRequest): { cert: string; key: string; chain: string };
  end(): Promise<void>;
}

export async function session(options: ServeOptions = {}, server: IssueRequest = {}): Promise<Session> {
  const directory = mkdtempSync(join(tmpdir(), 'tlsmedic-serve-test-'));
  const authority = createAuthority({ name: 'Test', now: Date.now() - 86_400_000 });
  const issue = (request: IssueRequest): { cert: string; key: string; chain: string } => {
    const issued = issueCertificate(authority, request, { unchecked: true });
    return { cert: issued.certPem, key: issued.keyPem ?? '', chain: issued.chainPem };
  };
  const own = issue({ names: ['localhost', '127.0.0.1'], profile: 'server', ...server });
  const files = { ca: join(directory, 'ca.crt'), cert: join(directory, 'server.crt'), key: join(directory, 'server.key') };
  writeFileSync(files.ca, authority.root.pem);
  writeFileSync(files.cert, own.chain);
  writeFileSync(files.key, own.key, { mode: 0o600 });
  const events: ServeEvent[] = [];
  const waiting = new Set<() => void>();
  const serving = await serve({
    port: 0,
    cert: files.cert,
    key: files.key,
    clientCa: [files.ca],
    clientAuth: 'required',
    reloadIntervalMs: 40,
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const wake of waiting) wake();
    },
  });
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(wake);
        reject(new Error(`not told within 5 s; so far: ${JSON.stringify(events.map((event) => event.event))}`));
      }, 5000);
      const wake = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(wake);
        resolve(found);
      };
      waiting.add(wake);
      wake();
    });
  const connections = (): ConnectionEvent[] => events.filter((event): event is ConnectionEvent => event.event === 'connection');
  return {
    serving,
    events,
    connections,
    connection: (n) => until(() => connections()[n]),
    event: (kind, n = 0) =>
      until(() => (events.filter((event) => event.event === kind) as Extract<ServeEvent, { event: typeof kind }>[])[n]),
    authority,
    directory,
    files,
    issue,
    end: async () => {
      await serving.close(200);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What a node client gets: the first answer, or the error. */
export function call(
  { serving, authority }: Session,
  options: ConnectionOptions = {},
  request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
): Promise<{ text: string; error: string; alert: number }> {
  return new Promise((resolve) => {
    let text = '';
    let error = '';
    let alert = 0;
    const socket = connect({ port: serving.port, host: '127.0.0.1', servername: 'localhost', ca: authority.root.pem, ...options });
    const timer = setTimeout(() => socket.destroy(), 3000);
    socket.on('secureConnect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    socket.on('error', (thrown: NodeJS.ErrnoException) => {
      error = thrown.code ?? thrown.message;
      alert = Number(/SSL alert number (\d+)/.exec(thrown.message)?.[1] ?? 0);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ text, error, alert });
    });
  });
}

/** Sends bytes in clear and gives what came back until the end. */
export function sendBytes({ serving }: Session, bytes: Uint8Array | string, patienceMs = 1500): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connectTcp(serving.port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
