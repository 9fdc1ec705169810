/*
 * npm run bench:verify: verifications per second of a three-certificate ECDSA path (PEM in, verdict out: parsing, building, all rules, both signatures)
 * against the floor, `crypto.X509Certificate` doing the two signature checks alone. CPU time (user + system), interleaved rounds in one process,
 * a different end entity each time; the lower quartile of the rounds, which other work on the machine disturbs least. Exits 1 when the gate of 2 is missed.
 *
 *   node bench/verify.mjs [--certificates 400] [--rounds 15]
 */
import { X509Certificate } from 'node:crypto';
// The built library, as programs use it.
import { createAuthority, issueCertificate, verifyChain } from '../dist/index.js';

const GATE = 2;
const certificates = argument('--certificates', 400);
const rounds = argument('--rounds', 15);

function argument(name, fallback) {
  const at = process.argv.indexOf(name);
  return at === -1 ? fallback : Number(process.argv[at + 1]);
}

const authority = createAuthority({ name: 'Bench' });
const root = authority.root.pem;
const intermediate = authority.intermediate.pem;
const leaves = Array.from(
  { length: certificates },
  (_, i) => issueCertificate(authority, { names: [`service-${i}.bench.internal`], profile: 'server' }).certPem,
);
const at = new Date();

/** Parsing once: the two signature checks and nothing else. */
function floorParsed() {
  const issuers = [new X509Certificate(intermediate), new X509Certificate(root)];
  const keys = [issuers[0].publicKey, issuers[1].publicKey];
  for (const leaf of parsedLeaves) if (!leaf.verify(keys[0]) || !issuers[0].verify(keys[1])) throw new Error('the floor does not verify');
}
const parsedLeaves = leaves.map((leaf) => new X509Certificate(leaf));

/** As a program would write it: parse the three, check the two signatures. */
function floorWithParsing() {
  for (const leaf of leaves) {
    const [one, two, three] = [new X509Certificate(leaf), new X509Certificate(intermediate), new X509Certificate(root)];
    if (!one.verify(two.publicKey) || !two.verify(three.publicKey)) throw new Error('the floor does not verify');
  }
}

async function ours(effort) {
  for (const [i, leaf] of leaves.entries()) {
    const result = await verifyChain({
      leaf,
      intermediates: [intermediate],
      roots: [root],
      hostname: `service-${i}.bench.internal`,
      at,
      effort,
    });
    if (!result.valid) throw new Error(`not valid: ${JSON.stringify(result.causes)}`);
  }
}

const variants = [
  { name: 'X509Certificate, two signature checks, parsed before', run: floorParsed, cpu: [] },
  { name: 'X509Certificate, parsing and two signature checks', run: floorWithParsing, cpu: [] },
  { name: "verifyChain, effort 'verdict'", run: () => ours('verdict'), cpu: [] },
  { name: "verifyChain, effort 'explain' (default)", run: () => ours('explain'), cpu: [] },
];
// Enough rounds beforehand that all of them run compiled.
for (let round = 0; round < 15; round++) for (const { run } of variants) await run();
for (let round = 0; round < rounds; round++) {
  for (const variant of variants) {
    const before = process.cpuUsage();
    await variant.run();
    const { user, system } = process.cpuUsage(before);
    variant.cpu.push((user + system) / 1000 / certificates);
  }
}
const quartile = (values) => values.toSorted((a, b) => a - b)[values.length >> 2] ?? Number.NaN;
const floor = quartile(variants[0]?.cpu ?? []);
process.stdout.write(`three-certificate P-256 path, ${certificates} end entities, ${rounds} rounds, Node ${process.versions.node}\n`);
for (const { name, cpu } of variants) {
  const each = quartile(cpu);
  process.stdout.write(
    `${name.padEnd(54)} ${each.toFixed(3)} cpu-ms  ${(1000 / each).toFixed(0).padStart(6)}/s  x${(each / floor).toFixed(2)}\n`,
  );
}
if (quartile(variants[2]?.cpu ?? []) > GATE * floor) {
  process.stderr.write(`over the gate of ${GATE}\n`);
  process.exitCode = 1;
}
