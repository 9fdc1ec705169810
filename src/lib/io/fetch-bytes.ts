import { get } from 'node:http';
import { TlsmedicError } from '../errors.js';

/** Small things over plain HTTP: issuers and revocation lists, which are signed and so need no TLS (RFC 5280 §8). */

const MAX_REDIRECTS = 3;

export interface FetchOptions {
  timeoutMs?: number;
  /** Bytes; what is longer is refused. */
  limit?: number;
}

/**
 * The body behind an http:// address.
 * @throws TlsmedicError `not-fetched`
 */
export async function fetchBytes(address: string, { timeoutMs = 5000, limit = 1024 * 1024 }: FetchOptions = {}): Promise<Uint8Array> {
  let at = address;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await once(at, timeoutMs, limit);
    if (answer instanceof Uint8Array) return answer;
    at = new URL(answer.location, at).href;
  }
  throw failure(address, `more than ${MAX_REDIRECTS} redirections`);
}

function failure(address: string, why: string): TlsmedicError {
  return new TlsmedicError('not-fetched', `cannot fetch ${address}`, { kind: 'environment', why, next: [`curl -sSO ${address}`] });
}

function once(address: string, timeoutMs: number, limit: number): Promise<Uint8Array | { location: string }> {
  return new Promise((resolve, reject) => {
    if (!URL.canParse(address) || new URL(address).protocol !== 'http:') {
      reject(failure(address, 'only http:// addresses are fetched'));
      return;
    }
    const request = get(address, { signal: AbortSignal.timeout(timeoutMs), headers: { accept: '*/*' } }, (response) => {
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      if (status >= 300 && status < 400 && location !== undefined) {
        response.resume();
        resolve({ location });
        return;
      }
      if (status !== 200) {
        response.resume();
        reject(failure(address, `it answered ${status}`));
        return;
      }
      const parts: Buffer[] = [];
      let total = 0;
      response.on('data', (part: Buffer) => {
        total += part.length;
        if (total > limit) response.destroy(failure(address, `it is longer than ${limit} bytes`));
        else parts.push(part);
      });
      response.on('end', () => resolve(new Uint8Array(Buffer.concat(parts))));
      response.on('error', reject);
    });
    request.on('error', (error) => reject(error instanceof TlsmedicError ? error : failure(address, error.message)));
  });
}
