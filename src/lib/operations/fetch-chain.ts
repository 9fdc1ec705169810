/** The certificates of an endpoint, exactly as sent, from one real handshake; for commands that take HOST:PORT where a file could stand. */
import { isIP } from 'node:net';
import { TlsmedicError } from '../errors.js';
import { runHandshake } from '../observe/handshake.js';
import { resolve } from '../observe/resolve.js';
import { parseTarget } from '../observe/target.js';

export interface FetchChainOptions {
  servername?: string;
  starttls?: string;
  timeoutSeconds?: number;
}

/**
 * Connects, looks at the Certificate message and hangs up. Nothing is verified and no client certificate is sent.
 * @returns DER in wire order
 * @throws TlsmedicError `unreachable`, `no-certificate`, `bad-target`
 */
export async function fetchChain(input: string, options: FetchChainOptions = {}): Promise<Uint8Array[]> {
  const target = parseTarget(input);
  const timeoutMs = (options.timeoutSeconds ?? 5) * 1000;
  const next = [`tlsmedic diagnose ${input}`];
  const resolution = target.socketPath === undefined ? await resolve(target.host, timeoutMs) : undefined;
  if (resolution?.status === 'failed') {
    throw new TlsmedicError('unreachable', `cannot reach ${input}: ${resolution.failure.message}`, { kind: 'input', next });
  }
  const address = resolution?.status === 'completed' ? (resolution.value.addresses[0] ?? target.host) : target.host;
  const starttls = options.starttls ?? target.starttls;
  const servername = options.servername ?? (isIP(target.host) === 0 && target.socketPath === undefined ? target.host : undefined);
  const { record } = await runHandshake({
    why: 'to see its certificates',
    experiment: 'look',
    address,
    port: target.port,
    timeoutMs,
    quietWindowMs: 0,
    ...(target.socketPath === undefined ? {} : { socketPath: target.socketPath }),
    ...(servername === undefined ? {} : { servername }),
    ...(starttls === undefined ? {} : { starttls }),
  });
  if (record.chain.length > 0) return record.chain;
  const why = record.error?.message ?? (record.alertReceived === undefined ? record.outcome : `alert ${record.alertReceived.name}`);
  const code = record.outcome === 'unreachable' ? 'unreachable' : 'no-certificate';
  throw new TlsmedicError(code, `no certificate seen from ${input}: ${why}`, { kind: 'input', next });
}
