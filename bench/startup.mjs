/*
 * npm run bench:startup: what it costs to start, by CPU time (user + system) of the whole process, against `node -e 0` and against the same commands run by
 * oclif's own loader from dist/commands, unbundled. Interleaved rounds, medians; NODE_EXTRA_CA_CERTS is unset, because Node 20 reads it at start-up and the
 * ratio would flatter us. Exits 1 when a gate is missed: 2.5 times `node -e 0` for --version and `inspect FILE` on Node 20.
 *
 *   node bench/startup.mjs [--rounds 15] [--json]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GATE = 2.5;
const rounds = Number(argument('--rounds') ?? 15);
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'tlsmedic-startup-'));
const program = join(root, 'bin/run.js');

const plain = join(work, 'plain.mjs');
writeFileSync(
  plain,
  `import { execute } from ${JSON.stringify(join(root, 'node_modules/@oclif/core/lib/index.js'))};\nawait execute({ dir: ${JSON.stringify(root)} });\n`,
);
const certificate = join(work, 'leaf.pem');
const made = spawnSync('openssl', [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  '/dev/null',
  '-out',
  certificate,
  '-subj',
  '/CN=startup.example',
  '-addext',
  'subjectAltName=DNS:startup.example',
  '-days',
  '30',
]);
if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);

const env = { ...process.env, XDG_CACHE_HOME: join(work, 'cache'), NO_COLOR: '1' };
for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'FORCE_COLOR']) delete env[name];
const uncached = { ...env, TLSMEDIC_NO_CODE_CACHE: '1' };
const hasInspect = existsSync(join(root, 'dist/commands/inspect.js'));

const variants = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'tlsmedic --version', args: [program, '--version'], gate: true },
  { name: 'tlsmedic --help', args: [program, '--help'] },
  ...(hasInspect
    ? [
        { name: 'tlsmedic inspect FILE', args: [program, 'inspect', certificate], gate: true },
        { name: '  the same without its code cache', args: [program, 'inspect', certificate], env: uncached },
        { name: '  the same by plain oclif, unbundled', args: [plain, 'inspect', certificate] },
      ]
    : []),
  { name: 'tlsmedic completion bash', args: [program, 'completion', 'bash'] },
  { name: '  the same by plain oclif, unbundled', args: [plain, 'completion', 'bash'] },
];

/** CPU milliseconds and wall milliseconds of one process and its children, as the shell that waited for it counts them. */
function run({ args, env: own = env }) {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$0" "$@" >/dev/null 2>/dev/null';
  const { stderr } = spawnSync('bash', ['-c', script, process.execPath, ...args], { env: own, encoding: 'utf8', cwd: work });
  const [wall, user, system] = stderr.trim().split('\n').at(-1).replaceAll(',', '.').split(' ').map(Number);
  return { cpu: (user + system) * 1000, wall: wall * 1000 };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  // The first run of each command fills the code cache.
  for (const variant of variants) run(variant);
  const samples = variants.map(() => []);
  for (let round = 0; round < rounds; round += 1) for (const [index, variant] of variants.entries()) samples[index].push(run(variant));
  const base = samples[0];
  const rows = variants.map(({ name, gate }, index) => ({
    name,
    cpuMs: Math.round(median(samples[index].map((sample) => sample.cpu))),
    wallMs: Math.round(median(samples[index].map((sample) => sample.wall))),
    ratio: Number(median(samples[index].map((sample, round) => sample.cpu / Math.max(1, base[round].cpu))).toFixed(2)),
    gate: gate === true,
  }));
  const missed = rows.filter((row) => row.gate && row.ratio > GATE);
  if (process.argv.includes('--json')) console.log(JSON.stringify({ node: process.version, rounds, gate: GATE, rows }));
  else {
    console.log(`start-up on node ${process.version}, ${rounds} interleaved rounds, medians`);
    console.log(`${'command'.padEnd(40)}  cpu ms  wall ms  cpu of node -e 0`);
    for (const row of rows)
      console.log(
        `${row.name.padEnd(40)}  ${String(row.cpuMs).padStart(6)}  ${String(row.wallMs).padStart(7)}  ${row.ratio.toFixed(2).padStart(6)} x${row.gate ? `   gate ${GATE} ${row.ratio > GATE ? 'MISSED' : 'ok'}` : ''}`,
      );
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function argument(name) {
  const index = process.argv.indexOf(name);
  return index === -1 ? undefined : process.argv[index + 1];
}
