/*
 * npm run bench:inspect: CPU time (user + system, whole processes, start-up included) of `tlsmedic inspect DIR --json` over a folder of PEM files,
 * against a program that does `new X509Certificate(readFileSync(file))` for each and reads the same fields. Interleaved rounds, medians of both,
 * NODE_EXTRA_CA_CERTS unset. Exits 1 when the gate of 1.5 is missed. The text screen and the memory it takes are measured beside it.
 *
 *   npm run bench:inspect -- [--files 10000] [--rounds 3]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../src/lib/ca/authority.js';
import { issueCertificate } from '../src/lib/ca/issue.js';

const GATE = 1.5;
const files = Number(argument('--files') ?? 10_000);
const rounds = Number(argument('--rounds') ?? 3);
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'tlsmedic-inspect-'));

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

/** Prints what the whole process took when it ends. */
const meter = join(work, 'meter.cjs');
writeFileSync(
  meter,
  `process.on('exit', () => require('node:fs').writeFileSync(process.env.METER, JSON.stringify({ cpu: process.cpuUsage(), memory: process.resourceUsage().maxRSS })));`,
);

/** The floor: the fields that our JSON has and node knows. */
const floor = join(work, 'floor.cjs');
writeFileSync(
  floor,
  `const { readFileSync, readdirSync } = require('node:fs');
const { X509Certificate } = require('node:crypto');
const { join } = require('node:path');
const folder = process.argv[2];
let sum = 0;
for (const name of readdirSync(folder)) {
  const c = new X509Certificate(readFileSync(join(folder, name)));
  const key = c.publicKey;
  for (const text of [c.subject, c.issuer, c.subjectAltName, c.infoAccess, c.serialNumber, c.validFrom, c.validTo, c.fingerprint, c.fingerprint256, key.asymmetricKeyType]) sum += String(text).length;
  sum += (c.keyUsage ?? []).length + (c.ca ? 1 : 0) + c.raw.length + key.export({ format: 'der', type: 'spki' }).length;
}
console.log(sum);`,
);
/** The bare loop of the issue, without fields: told beside it. */
const bare = join(work, 'bare.cjs');
writeFileSync(
  bare,
  `const { readFileSync, readdirSync } = require('node:fs');
const { X509Certificate } = require('node:crypto');
const { join } = require('node:path');
for (const name of readdirSync(process.argv[2])) {
  const c = new X509Certificate(readFileSync(join(process.argv[2], name)));
  void [c.subject, c.issuer, c.subjectAltName, c.serialNumber, c.validFrom, c.validTo, c.fingerprint256, c.keyUsage, c.ca];
}`,
);

const folder = join(work, 'pem');
mkdirSync(folder);
process.stderr.write(`making ${files} certificates\n`);
const authority = createAuthority({ name: 'Bench' });
for (let i = 0; i < files; i++) {
  const name = `service-${i}.bench.internal`;
  writeFileSync(
    join(folder, `${name}.pem`),
    issueCertificate(authority, { names: [name, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`] }).certPem,
  );
}

const env: Record<string, string | undefined> = { ...process.env, NO_COLOR: '1' };
for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'FORCE_COLOR']) delete env[name];

interface Sample {
  cpuMs: number;
  memoryMb: number;
}

function run(args: readonly string[]): Sample {
  const report = join(work, 'report.json');
  const child = spawnSync(process.execPath, ['-r', meter, ...args], {
    env: { ...env, METER: report },
    maxBuffer: 1024 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.status !== 0) throw new Error(`${args.join(' ')} ended with ${child.status}: ${child.stderr}`);
  const { cpu, memory } = JSON.parse(readFileSync(report, 'utf8')) as { cpu: NodeJS.CpuUsage; memory: number };
  return { cpuMs: (cpu.user + cpu.system) / 1000, memoryMb: memory / 1024 };
}

const program = join(root, 'bin/run.js');
const variants: { name: string; args: string[]; samples: Sample[] }[] = [
  { name: 'X509Certificate, same fields', args: [floor, folder], samples: [] },
  { name: 'X509Certificate, fewer fields', args: [bare, folder], samples: [] },
  { name: 'tlsmedic inspect DIR --json', args: [program, 'inspect', folder, '--json'], samples: [] },
  { name: 'tlsmedic inspect DIR', args: [program, 'inspect', folder], samples: [] },
];
for (let round = 0; round < rounds; round++) for (const variant of variants) variant.samples.push(run(variant.args));

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const base = median((variants[0]?.samples ?? []).map(({ cpuMs }) => cpuMs));
process.stdout.write(`${files} PEM files, ${rounds} rounds, Node ${process.versions.node}\n`);
for (const { name, samples } of variants) {
  const cpu = median(samples.map(({ cpuMs }) => cpuMs));
  const memory = median(samples.map(({ memoryMb }) => memoryMb));
  process.stdout.write(
    `${name.padEnd(32)} ${cpu.toFixed(0).padStart(7)} cpu-ms  ${(cpu / files).toFixed(3)} per file  x${(cpu / base).toFixed(2)}  ${memory.toFixed(0)} MB at most\n`,
  );
}
rmSync(work, { recursive: true, force: true });
const ours = median((variants[2]?.samples ?? []).map(({ cpuMs }) => cpuMs));
if (ours > GATE * base) {
  process.stderr.write(`over the gate of ${GATE}\n`);
  process.exitCode = 1;
}
