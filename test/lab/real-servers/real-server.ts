import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A TLS server of another make on loopback, as its users configure it. */
export interface RealServerSettings {
  /** A folder for its configuration. */
  directory: string;
  /** Certificate followed by its intermediates, PEM. */
  chain: string;
  key: string;
  version: 'TLSv1.2' | 'TLSv1.3';
  /** Mutual TLS: certificates of this authority are demanded. */
  clientCa?: string;
  /** Revocation lists of all authorities, PEM: clients on them are refused. Where the server can. */
  crl?: string;
}

export interface RealServer {
  port: number;
  /** What it wrote to its terminal or log so far. */
  log(): string;
  close(): Promise<void>;
}

export interface RealServerKind {
  name: string;
  /** Programs that must be there. */
  needs: readonly string[];
  /** Refuses revoked clients when it has a list. */
  revokes?: boolean;
  start(settings: RealServerSettings): Promise<RealServer>;
}

/** Whether all programs of a kind are there; without them its tests are skipped visibly. */
export function isAvailable({ needs }: Pick<RealServerKind, 'needs'>): boolean {
  return needs.every((program) => {
    try {
      execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program that is to listen on `port`, and waits until it does. */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<RealServer> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString('utf8')).slice(-65536);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(String(error))));
  const server: RealServer = { port, log: () => log, close: () => end(child) };
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${log}`);
    if (await listens(port)) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await server.close();
  throw new Error(`${command} did not listen on ${port} within 15 s: ${log}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 1500).unref();
  });
}
