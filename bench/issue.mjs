/*
 * npm run bench:issue: certificates per second of `tlsmedic issue --batch` (key, certificate, record and files; P-256) against
 *   the floor: node:crypto key generation, both exports and one signature in a loop, nothing written; start-up not counted
 *   a process per certificate: `openssl req` + `openssl x509 -req`
 * in the same run, interleaved, by CPU time (user + system of all processes) and by wall clock. The batch counts from the start of its process to its end.
 * Creating a file costs more than a certificate on many disks, so the files go to memory (/dev/shm) where there is such a place; then the batch is also
 * measured on the disk, beside a floor that writes three bare files for each key.
 * Exits 1 when a gate is missed: 1/3 of the floor, 20 times openssl.
 *
 *   node bench/issue.mjs [--rounds 5] [--rows 2000] [--openssl 25] [--json]
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GATES = { floor: 1 / 3, openssl: 20 };
const rounds = Number(argument('--rounds') ?? 5);
const rows = Number(argument('--rows') ?? 2000);
const opensslRows = Number(argument('--openssl') ?? 25);
const root = fileURLToPath(new URL('..', import.meta.url));
const memory = writable('/dev/shm') ? '/dev/shm' : undefined;
const work = mkdtempSync(join(memory ?? tmpdir(), 'tlsmedic-issue-'));
const disk = memory === undefined ? undefined : mkdtempSync(join(tmpdir(), 'tlsmedic-issue-'));
const program = join(root, 'bin/run.js');
const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(work, 'cache') };
for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'FORCE_COLOR']) delete env[name];

const FLOOR = `
const fs = require('node:fs');
const { generateKeyPairSync, sign } = require('node:crypto');
const contents = 'x'.repeat(1400);
const issuer = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const tbs = Buffer.alloc(400, 7);
const one = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  publicKey.export({ type: 'spki', format: 'der' });
  sign('sha256', tbs, issuer);
  return pem;
};
const folder = process.argv[1];
const write = (i, pem) => {
  for (const name of ['key', 'crt', 'json']) fs.writeFileSync(folder + '/' + i + '.' + name, name === 'key' ? pem : contents, { mode: 0o600 });
};
for (let i = 0; i < 200; i++) one();
const cpu = process.cpuUsage();
const wall = performance.now();
for (let i = 0; i < ${rows}; i++) folder === undefined ? one() : write(i, one());
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - wall) / 1e3 }));
`;

const OPENSSL = `
set -e
for i in $(seq 1 ${opensslRows}); do
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $i.key -subj /CN=s$i.internal -addext subjectAltName=DNS:s$i.internal -out $i.csr 2>/dev/null
  openssl x509 -req -in $i.csr -CA ../openssl-ca.crt -CAkey ../openssl-ca.key -days 1 -copy_extensions copy -out $i.crt 2>/dev/null
done
`;

for (const place of [work, disk])
  if (place !== undefined) run('node', [program, 'ca', 'init', '--yes', '--unencrypted-root-key', '-q', '--ca-dir', join(place, 'ca')]);
run('openssl', [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  join(work, 'openssl-ca.key'),
  '-out',
  join(work, 'openssl-ca.crt'),
  '-subj',
  '/CN=bench',
  '-days',
  '30',
]);
writeFileSync(join(work, 'rows'), Array.from({ length: rows }, (_, i) => `s${i}.internal 10.0.${(i >> 8) & 255}.${i & 255}`).join('\n'));

const samples = { floor: [], batch: [], openssl: [], ...(disk === undefined ? {} : { diskFloor: [], diskBatch: [] }) };
for (let round = 0; round < rounds; round++) {
  samples.floor.push(floor());
  samples.batch.push(batch(work, round));
  const folder = join(work, `openssl-${round}`);
  samples.openssl.push(rate(opensslRows, `mkdir '${folder}' && cd '${folder}' && ${OPENSSL}`));
  if (disk === undefined) continue;
  const files = join(disk, `floor-${round}`);
  mkdirSync(files);
  samples.diskFloor.push(floor(files));
  rmSync(files, { recursive: true });
  samples.diskBatch.push(batch(disk, round));
}
for (const place of [work, disk]) if (place !== undefined) rmSync(place, { recursive: true });

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const pairwise = (a, b, unit) => median(samples[a].map((sample, i) => sample[unit] / samples[b][i][unit]));
const result = {
  node: process.version,
  rows,
  rounds,
  perCpuSecond: Object.fromEntries(
    Object.entries(samples).map(([name, list]) => [name, Math.round(median(list.map((sample) => sample.cpu)))]),
  ),
  perSecond: Object.fromEntries(
    Object.entries(samples).map(([name, list]) => [name, Math.round(median(list.map((sample) => sample.wall)))]),
  ),
  batchToFloor: { cpu: pairwise('batch', 'floor', 'cpu'), wall: pairwise('batch', 'floor', 'wall') },
  ...(disk === undefined
    ? {}
    : { diskBatchToFloor: { cpu: pairwise('diskBatch', 'diskFloor', 'cpu'), wall: pairwise('diskBatch', 'diskFloor', 'wall') } }),
  batchToOpenssl: { cpu: pairwise('batch', 'openssl', 'cpu'), wall: pairwise('batch', 'openssl', 'wall') },
};
if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
else {
  const line = (name, text) =>
    console.log(`${name.padEnd(37)}${String(result.perCpuSecond[text]).padStart(8)}${String(result.perSecond[text]).padStart(10)}`);
  console.log(
    `${''.padEnd(37)}${'per CPU s'.padStart(8)}${'per s'.padStart(9)}   (P-256, medians of ${rounds} interleaved rounds, node ${process.version})`,
  );
  line('tlsmedic issue --batch', 'batch');
  line('floor: node:crypto, nothing written', 'floor');
  line('openssl req + openssl x509', 'openssl');
  if (disk !== undefined) {
    line('on disk: tlsmedic issue --batch', 'diskBatch');
    line('on disk: floor and three bare files', 'diskFloor');
  }
  console.log(
    `\nbatch / floor    ${result.batchToFloor.cpu.toFixed(2)} by CPU, ${result.batchToFloor.wall.toFixed(2)} by the clock   (gate ${GATES.floor.toFixed(2)})`,
  );
  console.log(
    `batch / openssl  ${result.batchToOpenssl.cpu.toFixed(0)} by CPU, ${result.batchToOpenssl.wall.toFixed(0)} by the clock   (gate ${GATES.openssl})`,
  );
}
// By CPU: the clock of a shared machine says more about its neighbours.
if (result.batchToFloor.cpu < GATES.floor || result.batchToOpenssl.cpu < GATES.openssl) {
  console.error('a gate was missed');
  process.exitCode = 1;
}

/** The floor, in a process of its own; with a folder it writes three files for each key. */
function floor(folder) {
  const { cpu, wall } = JSON.parse(run('node', ['-e', FLOOR, ...(folder === undefined ? [] : [folder])]));
  return { cpu: rows / cpu, wall: rows / wall };
}

/** One batch with its authority at `place`. */
function batch(place, round) {
  const out = join(place, `out-${round}`);
  const rated = rate(
    rows,
    `'${process.execPath}' '${program}' issue --batch '${join(work, 'rows')}' --ca-dir '${join(place, 'ca')}' --out '${out}' -q >/dev/null`,
  );
  const written = readdirSync(out).length;
  if (written !== 2 * rows + 1) throw new Error(`the batch wrote ${written} files`);
  rmSync(out, { recursive: true });
  return rated;
}

function writable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Certificates per second of CPU (children included) and of the clock, measured by the shell. */
function rate(certificates, script) {
  const { stderr, status } = spawnSync('bash', ['-c', `TIMEFORMAT='TIME %R %U %S'; time { ${script}\n}`], { env, encoding: 'utf8' });
  const [, wall, user, system] = /TIME ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (status !== 0 || wall === undefined) throw new Error(stderr);
  return { cpu: certificates / (Number(user) + Number(system)), wall: certificates / Number(wall) };
}

function run(file, args) {
  const done = spawnSync(file === 'node' ? process.execPath : file, args, { env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${file} ${args.slice(0, 3).join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function argument(name) {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}
