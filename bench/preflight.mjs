/*
 * npm run bench:preflight: checks many endpoints on loopback with the built program and makes as many bare handshakes with node:tls (verified, same concurrency), interleaved;
 * CPU time (user + system) of the client process alone, the server runs in its own. Gate: twice the bare handshakes.
 *
 *   node bench/preflight.mjs [--targets 10000] [--rounds 1] [--json]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GATE = 2;
const targets = Number(argument('--targets') ?? 10_000);
const rounds = Number(argument('--rounds') ?? 1);
const CONCURRENCY = 32;
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'tlsmedic-preflight-bench-'));
const program = join(root, 'bin/run.js');
const ca = join(work, 'ca.crt');
const key = join(work, 'server.key');

const made = spawnSync('openssl', [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  key,
  '-out',
  ca,
  '-subj',
  '/CN=localhost',
  '-addext',
  'subjectAltName=DNS:localhost',
  '-addext',
  'extendedKeyUsage=serverAuth',
  '-days',
  '30',
]);
if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);

const SERVER = `
const { createServer } = require('node:https');
const { readFileSync } = require('node:fs');
const server = createServer({ cert: readFileSync(${JSON.stringify(ca)}), key: readFileSync(${JSON.stringify(key)}) }, (request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', 4096, () => process.stdout.write(server.address().port + '\\n'));
`;

const BARE = `
const { connect, createSecureContext } = require('node:tls');
const ca = require('node:fs').readFileSync(${JSON.stringify(ca)});
const secureContext = createSecureContext({ ca });
const [port, total] = process.argv.slice(2).map(Number);
let started = 0;
let done = 0;
const one = () => {
  if (started >= total) return;
  started += 1;
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
  socket.once('secureConnect', () => {
    if (!socket.authorized) throw new Error('not authorized');
    socket.getPeerX509Certificate();
    socket.end();
  });
  socket.once('error', (error) => { throw error; });
  socket.resume();
  socket.once('close', () => { done += 1; one(); });
};
for (let i = 0; i < ${CONCURRENCY}; i += 1) one();
process.on('exit', () => { if (done !== total) process.exitCode = 1; });
`;

const env = { ...process.env, NO_COLOR: '1' };
for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']) delete env[name];

/** CPU seconds and peak resident memory in MiB of a program. */
function measure(args) {
  const times = join(work, 'times');
  const ran = spawnSync(
    'bash',
    [
      '-c',
      `TIMEFORMAT='%U %S'; { time "$@" >${work}/out 2>${work}/err; echo $? >${work}/status; } 2>${times}`,
      'bash',
      process.execPath,
      ...args,
    ],
    { env },
  );
  if (ran.status !== 0) throw new Error(`${ran.stderr}`);
  const status = Number(readFileSync(join(work, 'status'), 'utf8'));
  if (status !== 0)
    throw new Error(
      `${args.join(' ')} ended with ${status}: ${readFileSync(join(work, 'err'), 'utf8').slice(0, 2000)}${readFileSync(join(work, 'out'), 'utf8').slice(-600)}`,
    );
  const [user, system] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
  return user + system;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function argument(name) {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

const server = spawn(process.execPath, ['-e', SERVER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const port = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(Number(data))));
  const bare = join(work, 'bare.cjs');
  writeFileSync(bare, BARE);
  const file = join(work, 'fleet.yaml');
  const list = Array.from(
    { length: targets },
    (_, i) => `  - { name: t${i}, endpoint: "localhost:${port}", connect: "127.0.0.1:${port}" }`,
  );
  writeFileSync(file, `defaults: { ca: ${ca}, retries: 0 }\ntargets:\n${list.join('\n')}\n`);
  const preflight = [program, 'preflight', file, '--json', '--concurrency', String(CONCURRENCY), '--per-host', String(CONCURRENCY)];
  const handshakes = [];
  const checks = [];
  for (let round = 0; round < rounds; round += 1) {
    handshakes.push(measure([bare, String(port), String(targets)]));
    checks.push(measure(preflight));
  }
  const lines = readFileSync(join(work, 'out'), 'utf8').trim().split('\n');
  const sums = JSON.parse(lines.at(-1));
  if (sums.passed !== targets || lines.length !== targets + 1)
    throw new Error(`${sums.passed} of ${targets} passed, ${lines.length} lines`);
  const result = {
    targets,
    bareSeconds: Number(median(handshakes).toFixed(2)),
    preflightSeconds: Number(median(checks).toFixed(2)),
    bareMsEach: Number(((1000 * median(handshakes)) / targets).toFixed(2)),
    preflightMsEach: Number(((1000 * median(checks)) / targets).toFixed(2)),
    ratio: Number((median(checks) / median(handshakes)).toFixed(2)),
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
  else console.table(result);
  if (result.ratio > GATE) {
    console.error(`missed: ${result.ratio} times the bare handshakes, wanted ${GATE}`);
    process.exitCode = 1;
  }
} finally {
  server.kill();
  rmSync(work, { recursive: true, force: true });
}
