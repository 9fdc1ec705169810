import { createSocket } from 'node:dgram';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errnoOf, messageOf, TlsmedicError } from '../errors.js';
import type { Failure } from '../observe/attempt.js';
import type { ClockReading } from '../observe/observation.js';
import { localNow } from './local-clock.js';

/** Clocks of others, each read once with the uncertainty that the reading has. */

export type TimeSource = { kind: 'http'; url: string } | { kind: 'sntp'; host: string; port: number };

/** `https://host/`, `http://host/`, `ntp://host:123`, or a host name, which is asked by SNTP. */
export function parseTimeSource(text: string): TimeSource {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return { kind: 'http', url: text };
  const match = /^(?:s?ntp:\/\/)?(?:\[([0-9a-f:.%]+)\]|([^:/[\]\s]+))(?::(\d{1,5}))?\/?$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? 123 : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535)
    throw new TlsmedicError('bad-time-source', `"${text}" is no time source`, {
      kind: 'usage',
      next: ['examples: https://time.internal/, ntp://10.0.0.1, pool.ntp.org'],
    });
  return { kind: 'sntp', host, port };
}

/** Reads one source. A source that does not answer is a result. */
export function readTimeSource(source: TimeSource, timeoutMs: number): Promise<ClockReading> {
  return source.kind === 'http' ? readHttpDate(source.url, timeoutMs) : readSntp(source.host, source.port, timeoutMs);
}

/** `offset` of a clock that says `date` with a resolution of one second, asked and answered at these local times (milliseconds). */
export function offsetOfHttpDate(
  date: string,
  askedAt: number,
  answeredAt: number,
): { offsetSeconds: number; uncertaintySeconds: number } | undefined {
  const said = Date.parse(date);
  if (!Number.isFinite(said)) return undefined;
  // The header cuts off the fraction: the clock stood somewhere in [said, said + 1 s) at some moment between question and answer.
  const lo = (said - answeredAt) / 1000;
  const hi = (said + 1000 - askedAt) / 1000;
  return { offsetSeconds: (lo + hi) / 2, uncertaintySeconds: (hi - lo) / 2 };
}

/**
 * The Date header of an HTTP answer. Certificates are not verified here on purpose: nothing but a time is read, it is weighed against
 * others, and a wrong local clock would make every verification fail.
 */
function readHttpDate(url: string, timeoutMs: number): Promise<ClockReading> {
  const started = performance.now();
  const done = (reading: ClockReading['reading']): ClockReading => ({
    source: `Date of ${new URL(url).host}`,
    kind: 'http-date',
    of: 'reference',
    reading,
  });
  const failed = (failure: Failure) => done({ status: 'failed', failure, ms: performance.now() - started });
  return new Promise((resolve) => {
    const askedAt = localNow();
    const secure = url.toLowerCase().startsWith('https:');
    const request = (secure ? httpsRequest : httpRequest)(
      url,
      { method: 'HEAD', timeout: timeoutMs, agent: false, ...(secure && { rejectUnauthorized: false }) },
      (response) => {
        response.resume();
        const date = response.headers.date;
        const value = date === undefined ? undefined : offsetOfHttpDate(date, askedAt, localNow());
        resolve(
          value === undefined
            ? failed({ code: 'no-date', message: 'the answer has no Date header' })
            : done({ status: 'completed', value, ms: performance.now() - started }),
        );
        request.destroy();
      },
    );
    request.on('timeout', () => request.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'timeout' })));
    request.on('error', (error) => resolve(failed({ code: errnoOf(error) ?? 'error', message: messageOf(error) })));
    request.end();
  });
}

/** Seconds from 1 January 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800;

function ntpTime(bytes: Buffer, offset: number): number {
  // Era 1 begins in 2036: small values belong to it (RFC 5905 §6).
  const seconds = bytes.readUInt32BE(offset);
  const era = seconds < 0x8000_0000 ? 2 ** 32 : 0;
  return seconds + era - NTP_EPOCH + bytes.readUInt32BE(offset + 4) / 2 ** 32;
}

/** One SNTP exchange (RFC 4330): offset and half the round trip plus the server's own root distance. */
function readSntp(host: string, port: number, timeoutMs: number): Promise<ClockReading> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const settle = (reading: ClockReading['reading']) => {
      clearTimeout(timer);
      socket.close();
      resolve({ source: `SNTP ${host}`, kind: 'sntp', of: 'reference', reading });
    };
    const fail = (failure: Failure) => settle({ status: 'failed', failure, ms: performance.now() - started });
    const timer = setTimeout(() => fail({ code: 'timeout', message: `no answer within ${timeoutMs} ms` }), timeoutMs);
    const packet = Buffer.alloc(48);
    packet[0] = 0x23; // no warning, version 4, client
    const t1 = localNow() / 1000;
    packet.writeUInt32BE((Math.floor(t1) + NTP_EPOCH) >>> 0, 40);
    packet.writeUInt32BE(Math.floor((t1 % 1) * 2 ** 32) >>> 0, 44);
    socket.once('error', (error) => fail({ code: errnoOf(error) ?? 'error', message: messageOf(error) }));
    socket.once('message', (answer) => {
      const t4 = localNow() / 1000;
      const mode = (answer[0] ?? 0) & 7;
      const stratum = answer[1] ?? 0;
      if (answer.length < 48 || (mode !== 4 && mode !== 5) || !answer.subarray(24, 32).equals(packet.subarray(40, 48)))
        return fail({ code: 'bad-answer', message: 'the answer does not belong to the question' });
      if (stratum === 0 || (answer[0] ?? 0) >> 6 === 3)
        return fail({ code: 'unsynchronised', message: 'the server says that its own clock is not set' });
      const t2 = ntpTime(answer, 32);
      const t3 = ntpTime(answer, 40);
      const rootDistance = answer.readInt32BE(4) / 65_536 / 2 + answer.readUInt32BE(8) / 65_536;
      settle({
        status: 'completed',
        value: {
          offsetSeconds: (t2 - t1 + (t3 - t4)) / 2,
          uncertaintySeconds: Math.max(0, t4 - t1 - (t3 - t2)) / 2 + Math.min(rootDistance, 5),
        },
        ms: performance.now() - started,
      });
    });
    socket.send(packet, port, host, (error) => {
      if (error) fail({ code: errnoOf(error) ?? 'error', message: messageOf(error) });
    });
  });
}
