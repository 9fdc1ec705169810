import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writePem } from '../../src/lib/x509/pem.js';
import { chain } from './tree.js';

/** The bound on memory, in a process of its own that runs the built library. */

const LIBRARY = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const CASES = fileURLToPath(new URL('../../../shared/path/data/limbo.jsonl.gz', import.meta.url));

const PROGRAM = `
const { gunzipSync } = require('node:zlib');
const { readFileSync } = require('node:fs');
(async () => {
  const { verifyChain } = await import(process.argv[1]);
  const { leaf, intermediate, root, cases } = JSON.parse(readFileSync(0, 'utf8'));
  const original = Buffer.from(leaf.replace(/-----.*-----|\\s/g, ''), 'base64');
  let seed = 1, slowest = 0, accepted = 0;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const run = async (input) => {
    const start = process.cpuUsage();
    const { valid } = await verifyChain(input);
    slowest = Math.max(slowest, process.cpuUsage(start).user / 1000);
    return valid;
  };
  for (let i = 0; i < 20000; i++) {
    const bytes = Buffer.from(original);
    for (let k = 0; k <= random(4); k++) bytes[random(bytes.length)] = random(256);
    if (!bytes.equals(original) && (await run({ leaf: bytes, intermediates: [intermediate], roots: [root], at: 1795348800000, hostname: 'api.internal' }))) accepted++;
  }
  if (cases) for (const line of gunzipSync(readFileSync(cases)).toString().trim().split('\\n')) {
    const t = JSON.parse(line);
    if (t.tags.includes('denial-of-service')) await run({ ...t, hostname: t.hostname ?? undefined, ip: undefined, email: undefined, maxDepth: undefined, policies: undefined, crlMaxAgeDays: undefined, minRsaBits: undefined, at: Date.now() });
  }
  console.log(JSON.stringify({ slowest, accepted, mebibytes: process.resourceUsage().maxRSS / 1024 }));
})();`;

describe('20,000 mutated certificates and the cases made for denial of service', () => {
  it('take at most 256 MiB and a second each', () => {
    const { root, intermediate, leaf } = chain();
    const pem = ({ der }: { der: Uint8Array }): string => writePem('CERTIFICATE', der);
    const input = JSON.stringify({
      leaf: pem(leaf),
      intermediate: pem(intermediate),
      root: pem(root),
      cases: existsSync(CASES) ? CASES : null,
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', PROGRAM, LIBRARY], { input, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const { slowest, accepted, mebibytes } = JSON.parse(stdout) as Record<string, number>;
    expect(accepted).toBe(0);
    expect(slowest).toBeLessThan(1000);
    expect(mebibytes).toBeLessThan(256);
    console.log(`slowest ${slowest?.toFixed(0)} ms, ${mebibytes?.toFixed(0)} MiB`);
  });
});
