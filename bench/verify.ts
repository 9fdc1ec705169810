/*
 * npm run bench:verify: verifications per second of a three-certificate ECDSA path (PEM in, verdict out: parsing, building, all rules, both signatures)
 * against the floor, `crypto.X509Certificate` doing the two signature checks alone. CPU time (user + system), interleaved rounds in one process,
 * a different end entity each time, medians. Exits 1 when the gate of 2 is missed.
 *
 *   npx tsx bench/verify.ts [--certificates 400] [--rounds 7]
 */
import { X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../src/lib/ca/authority.js';
import { issueCertificate } from '../src/lib/ca/issue.js';
import type { VerifyChainInput } from '../src/lib/operations/verify-chain.js';
import type { Verification } from '../src/lib/path/verification.js';

const GATE = 2;
const certificates = argument('--certificates', 400);
const rounds = argument('--rounds', 7);

function argument(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at === -1 ? fallback : Number(process.argv[at + 1]);
}

// The built library, as programs use it.
const { verifyChain } = (await import(fileURLToPath(new URL('../dist/index.js', import.meta.url)))) as {
  verifyChain(input: VerifyChainInput): Promise<Verification>;
};

const authority = createAuthority({ name: 'Bench' });
const root = authority.root.pem;
const intermediate = authority.intermediate.pem;
const leaves = Array.from(
  { length: certificates },
  (_, i) => issueCertificate(authority, { names: [`service-${i}.bench.internal`], profile: 'server' }).certPem,
);
const at = new Date();

/** Parsing once: the two signature checks and nothing else. */
function floorParsed(): void {
  const issuers = [new X509Certificate(intermediate), new X509Certificate(root)] as const;
  const keys = [issuers[0].publicKey, issuers[1].publicKey] as const;
  for (const leaf of parsedLeaves) if (!leaf.verify(keys[0]) || !issuers[0].verify(keys[1])) throw new Error('the floor does not verify');
}
const parsedLeaves = leaves.map((leaf) => new X509Certificate(leaf));

/** As a program would write it: parse the three, check the two signatures. */
function floorWithParsing(): void {
  for (const leaf of leaves) {
    const [one, two, three] = [new X509Certificate(leaf), new X509Certificate(intermediate), new X509Certificate(root)];
    if (!one.verify(two.publicKey) || !two.verify(three.publicKey)) throw new Error('the floor does not verify');
  }
}

async function ours(effort: 'verdict' | 'explain'): Promise<void> {
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

const variants: { name: string; run: () => void | Promise<void>; cpu: number[] }[] = [
  { name: 'X509Certificate, two signature checks, parsed before', run: floorParsed, cpu: [] },
  { name: 'X509Certificate, parsing and two signature checks', run: floorWithParsing, cpu: [] },
  { name: "verifyChain, effort 'verdict'", run: () => ours('verdict'), cpu: [] },
  { name: "verifyChain, effort 'explain' (default)", run: () => ours('explain'), cpu: [] },
];
for (const { run } of variants) await run();
for (let round = 0; round < rounds; round++) {
  for (const variant of variants) {
    const before = process.cpuUsage();
    await variant.run();
    const { user, system } = process.cpuUsage(before);
    variant.cpu.push((user + system) / 1000 / certificates);
  }
}
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const floor = median(variants[0]?.cpu ?? []);
process.stdout.write(`three-certificate P-256 path, ${certificates} end entities, ${rounds} rounds, Node ${process.versions.node}\n`);
for (const { name, cpu } of variants) {
  const each = median(cpu);
  process.stdout.write(
    `${name.padEnd(54)} ${each.toFixed(3)} cpu-ms  ${(1000 / each).toFixed(0).padStart(6)}/s  x${(each / floor).toFixed(2)}\n`,
  );
}
if (median(variants[2]?.cpu ?? []) > GATE * floor) {
  process.stderr.write(`over the gate of ${GATE}\n`);
  process.exitCode = 1;
}
