import { connect as netConnect, type Socket } from 'node:net';
import { errnoOf, messageOf } from '../errors.js';
import type { Attempt, Failure } from './attempt.js';

/** Where a TCP or unix socket connection goes. */
export interface ConnectRequest {
  address: string;
  port: number;
  /** Path of a unix socket, in place of address and port. */
  socketPath?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Opens the connection. A refusal is a result, never an exception. */
export function connect({ address, port, socketPath, timeoutMs, signal }: ConnectRequest): Promise<Attempt<Socket>> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = socketPath === undefined ? netConnect({ host: address, port, noDelay: true }) : netConnect({ path: socketPath });
    const settle = (attempt: Attempt<Socket>) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeAllListeners();
      if (attempt.status !== 'completed') {
        // A late error of a socket given up must not bring the process down.
        socket.on('error', () => undefined);
        socket.destroy();
      }
      resolve(attempt);
    };
    const fail = (failure: Failure) => settle({ status: 'failed', failure, ms: performance.now() - started });
    const abort = () => fail({ code: 'aborted', message: 'interrupted' });
    const timer = setTimeout(
      () => fail({ code: 'timeout', message: `no answer to the TCP connection within ${Math.round(timeoutMs)} ms` }),
      timeoutMs,
    );
    socket.once('connect', () => settle({ status: 'completed', value: socket, ms: performance.now() - started }));
    socket.once('error', (error) => fail(failureOf(error)));
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A system or library error as a `Failure`. Several addresses that all failed (`AggregateError`) count as the first. */
export function failureOf(error: unknown): Failure {
  const first = error instanceof AggregateError && error.errors.length > 0 ? (error.errors[0] as unknown) : error;
  const failure: Failure = { code: errnoOf(first) ?? 'error', message: messageOf(first) };
  if (typeof first === 'object' && first !== null && 'syscall' in first && typeof first.syscall === 'string')
    failure.syscall = first.syscall;
  return failure;
}
