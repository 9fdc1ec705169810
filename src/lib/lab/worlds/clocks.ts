import { createAuthority } from '../../ca/authority.js';
import type { Bench } from '../bench.js';
import { DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import type { HttpServer } from '../servers/http-server.js';
import { startHttpServer } from '../servers/http-server.js';
import { startSntpServer } from '../servers/sntp-server.js';
import type { RunningWorld } from '../world.js';

/**
 * A wrong clock is made by moving everything else: in these worlds the "true" time lies `offset` seconds from this machine's, the
 * certificates are issued for it, and the servers' Date headers tell it. Seen from here, this machine's clock is the wrong one;
 * nothing has to be injected into the program that diagnoses.
 */

const SYNCHRONIZE = 'sudo chronyc makestep   # or: sudo timedatectl set-ntp true';

/** A clock that can be asked over HTTP. */
function clockServer(offsetSeconds: number): Promise<HttpServer> {
  return startHttpServer((_request, response) => response.end('clock\n'), { clockOffsetSeconds: offsetSeconds });
}

/** A good server in a world whose time is `offset` seconds ahead of ours (behind when negative); its certificate began `age` ago there. */
async function skewedLocally(
  bench: Bench,
  offset: number,
  age: number,
  lifetime: number,
  by: 'http' | 'sntp' = 'http',
): Promise<RunningWorld> {
  const truth = bench.now + offset * 1000;
  const clock = await (by === 'http' ? clockServer(offset) : startSntpServer(offset));
  const source = `${by === 'http' ? 'http' : 'ntp'}://127.0.0.1:${clock.port}`;
  const authority = createAuthority({ name: 'Lab', now: truth - 30 * DAY });
  const certificate = bench.server({ notBefore: truth - age, notAfter: truth - age + lifetime }, {}, authority);
  return runTlsWorld({
    settings: bench.settings({ credentials: certificate, clockOffsetSeconds: offset }),
    flags: { ca: [await bench.rootFile(authority)], timeSource: [source] },
    fix: SYNCHRONIZE,
    // Setting the clock right brings this machine and the certificate into the same time again.
    healed: { credentials: bench.server({}, {}, authority), clockOffsetSeconds: 0 },
    healedFlags: { timeSource: undefined },
    others: [clock],
  });
}

/** mTLS by a server whose clock is off: our certificate is fine, and refused. */
async function skewedPeer(
  bench: Bench,
  stack: 'openssl' | 'nginx' | 'go',
  offset: number,
  mode: 'required' | 'optional',
): Promise<RunningWorld> {
  const clock = await clockServer(0);
  const { cert, key } = await bench.client({ notBefore: bench.now - HOUR, lifetimeSeconds: 86_400 });
  const skewed = mutualTls(bench, stack, { mode, clock: () => Date.now() + offset * 1000 });
  return runTlsWorld({
    settings: bench.settings({ clientAuth: skewed, clockOffsetSeconds: offset }),
    flags: { ca: [await bench.rootFile()], cert, key, timeSource: [clock.url] },
    fix: `ssh localhost ${SYNCHRONIZE}`,
    healed: { clientAuth: { ...skewed, clock: Date.now }, clockOffsetSeconds: 0 },
    others: [clock],
  });
}

export const clockWorlds = [
  defineWorld({
    name: 'local-clock-ahead',
    title: 'our clock is three hours ahead, so a good certificate looks expired',
    expected: broken('local-clock-skew', 'local'),
    stack: 'node',
    demo: true,
    start: (bench) => skewedLocally(bench, -3 * 3600, 22 * HOUR, DAY),
  }),
  defineWorld({
    name: 'local-clock-behind',
    title: 'our clock is twenty minutes behind, so a fresh certificate looks not yet valid',
    expected: broken('local-clock-skew', 'local'),
    stack: 'node',
    start: (bench) => skewedLocally(bench, 20 * 60, 5 * 60_000, DAY),
  }),
  defineWorld({
    name: 'local-clock-drift-90s',
    title: 'our clock drifted by 90 s, and the certificate was issued without backdating',
    expected: broken('local-clock-skew', 'local'),
    stack: 'node',
    start: (bench) => skewedLocally(bench, 90, 5_000, DAY),
  }),
  defineWorld({
    name: 'local-clock-ahead-sntp',
    title: 'the same, told by a time server (SNTP)',
    expected: broken('local-clock-skew', 'local'),
    stack: 'node',
    start: (bench) => skewedLocally(bench, -3 * 3600, 22 * HOUR, DAY, 'sntp'),
  }),
  defineWorld({
    name: 'peer-clock-ahead',
    title: "the server's clock is two days ahead: it calls our good client certificate expired",
    expected: broken('peer-clock-skew', 'server'),
    stack: 'openssl',
    demo: true,
    start: (bench) => skewedPeer(bench, 'openssl', 2 * 86_400, 'optional'),
  }),
  defineWorld({
    name: 'peer-clock-ahead-required',
    title: "the server's clock is two days ahead and it tells nobody without a certificate",
    expected: broken('peer-clock-skew', 'server', { accept: ['client-cert-rejected'] }),
    stack: 'openssl',
    start: (bench) => skewedPeer(bench, 'openssl', 2 * 86_400, 'required'),
  }),
  defineWorld({
    name: 'peer-clock-ahead-nginx',
    title: 'nginx with a clock two days ahead answers 400 to a good client certificate',
    expected: broken('peer-clock-skew', 'server'),
    stack: 'nginx',
    start: (bench) => skewedPeer(bench, 'nginx', 2 * 86_400, 'required'),
  }),
  defineWorld({
    name: 'peer-clock-behind-nginx',
    title: 'nginx with a clock two days behind answers 400 to a fresh client certificate',
    expected: broken('peer-clock-skew', 'server'),
    stack: 'nginx',
    start: (bench) => skewedPeer(bench, 'nginx', -2 * 86_400, 'required'),
  }),
  defineWorld({
    name: 'peer-clock-behind-go',
    title: 'a Go server with a clock two days behind says bad_certificate to a fresh client certificate',
    expected: broken('peer-clock-skew', 'server'),
    stack: 'go',
    start: (bench) => skewedPeer(bench, 'go', -2 * 86_400, 'optional'),
  }),
];
