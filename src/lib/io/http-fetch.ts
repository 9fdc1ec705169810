import { request } from 'node:http';
import { errnoOf, messageOf } from '../errors.js';
import type { Attempt, Failure } from '../observe/attempt.js';

/** Certificates, lists and OCSP answers are small; a list of a large authority is the largest. */
const MOST_BYTES = 32 << 20;

/**
 * One plain HTTP exchange, as addresses in certificates want it (RFC 5280 §4.2.2.1: what is fetched is signed itself). Redirects are not
 * followed, bodies are bounded, and the answer has to be a 200. Failure is a result.
 */
export function fetchBytes(
  url: string,
  options: { timeoutMs: number; body?: Uint8Array; contentType?: string },
): Promise<Attempt<Uint8Array>> {
  const started = performance.now();
  const { timeoutMs, body, contentType } = options;
  return new Promise((resolve) => {
    let settled = false;
    const settle = (attempt: Attempt<Uint8Array>) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      exchange.destroy();
      resolve(attempt);
    };
    const fail = (failure: Failure) => settle({ status: 'failed', failure, ms: performance.now() - started });
    const exchange = request(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
        headers: {
          'user-agent': 'tlsmedic',
          ...(contentType !== undefined && { 'content-type': contentType }),
          ...(body && { 'content-length': body.length }),
        },
      },
      (response) => {
        if (response.statusCode !== 200)
          return fail({ code: `http-${response.statusCode ?? 0}`, message: `HTTP ${response.statusCode ?? 0}` });
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > MOST_BYTES) fail({ code: 'too-large', message: `more than ${MOST_BYTES} bytes` });
          else chunks.push(chunk);
        });
        response.on('end', () => settle({ status: 'completed', value: Buffer.concat(chunks), ms: performance.now() - started }));
        response.on('error', (error) => fail({ code: errnoOf(error) ?? 'error', message: messageOf(error) }));
      },
    );
    const timer = setTimeout(() => fail({ code: 'timeout', message: `no answer within ${timeoutMs} ms` }), timeoutMs);
    exchange.on('error', (error) => fail({ code: errnoOf(error) ?? 'error', message: messageOf(error) }));
    exchange.end(body);
  });
}
