/*
 * npm run conformance: path validation cases of other projects (NIST PKITS, x509-limbo, BetterTLS, BoringSSL, Go, webpki) against the built library.
 * They lie beside the repository, in ../shared/path; without them one line says that nothing was run.
 *
 * The ratchet (scripts/conformance.json) holds what was reached and every case that is not met, with its reason. A case that newly fails, a suite that
 * shrank or a case that takes more than a second of processor time fails the run; so does a case that is met now and still listed, so that the list stays true.
 *
 *   --update   writes the ratchet and docs/conformance.md     --list   every failure with what the library said     --suite a,b
 */
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { conformancePage } from './build/conformance-page.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SHARED = join(ROOT, '../shared/path');
const RATCHET = join(ROOT, 'scripts/conformance.json');
const PAGE = join(ROOT, 'docs/conformance.md');
const SLOWEST_MS = 1000;

const { values: options } = parseArgs({
  options: { update: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, suite: { type: 'string' } },
});
if (!existsSync(join(SHARED, 'data'))) {
  console.log('conformance: skipped, the cases are not here (../shared/path)');
  process.exit(0);
}

const library = join(ROOT, 'dist/index.js');
if (!existsSync(library)) {
  console.error('conformance: no dist/index.js; run npm run build first');
  process.exit(2);
}
process.env.TLSMEDIC_LIB = library;
const adapter = await import(pathToFileURL(join(SHARED, 'adapters/tlsmedic.mjs')).href);
await adapter.init();

async function* cases() {
  const only = options.suite?.split(',');
  for (const name of readdirSync(join(SHARED, 'data')).sort()) {
    if (!name.endsWith('.jsonl.gz') || (only && !only.includes(name.replace('.jsonl.gz', '')))) continue;
    const lines = createInterface({ input: createReadStream(join(SHARED, 'data', name)).pipe(createGunzip()) });
    for await (const line of lines) if (line !== '') yield JSON.parse(line);
  }
}

const suites = new Map();
const features = new Map();
const failures = [];
const slow = [];
function tally(map, key, outcome, ms) {
  const row = map.get(key) ?? { total: 0, passed: 0, falseAccepts: 0, falseRejects: 0, ms: [] };
  map.set(key, row);
  row.total++;
  if (outcome === 'pass') row.passed++;
  else row[outcome === 'false-accept' ? 'falseAccepts' : 'falseRejects']++;
  row.ms.push(ms);
}

for await (const test of cases()) {
  // Processor time: a busy machine makes no case slow.
  const start = process.cpuUsage();
  let result;
  try {
    result = await adapter.verify(test);
  } catch (error) {
    result = { valid: false, reason: `EXCEPTION ${error.stack}`, exception: true };
  }
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  const right = !result.exception && result.valid === (test.expected === 'valid');
  const outcome = right ? 'pass' : result.valid ? 'false-accept' : 'false-reject';
  tally(suites, test.suite, outcome, ms);
  for (const tag of test.tags)
    tally(
      features,
      `${test.suite} / ${tag.replace(/^(feature|name|group|ns|kind|purpose|go|dir|importance|profile):/, '$1 ')}`,
      outcome,
      ms,
    );
  if (!right) failures.push({ id: test.id, suite: test.suite, outcome, tags: test.tags, said: result.reason });
  if (ms > SLOWEST_MS) slow.push(`${test.id}: ${ms.toFixed(0)} ms`);
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1] ?? 0;
const line = (name, row) =>
  `${name.padEnd(58)} ${String(row.passed).padStart(4)}/${String(row.total).padEnd(4)}  false accepts ${row.falseAccepts}  false rejects ${row.falseRejects}  median ${median(row.ms).toFixed(1)} ms, longest ${Math.max(...row.ms).toFixed(0)} ms`;
console.log('by suite');
for (const [name, row] of suites) console.log(`  ${line(name, row)}`);
console.log('\nby feature, where not all is met');
for (const [name, row] of [...features].sort()) if (row.passed < row.total) console.log(`  ${line(name, row)}`);
console.log(`\n${failures.length} not met`);
for (const failure of failures)
  console.log(`  ${failure.outcome.padEnd(12)} ${failure.id}${options.list ? `\n      ${failure.said || '(accepted)'}` : ''}`);

const ratchet = JSON.parse(readFileSync(RATCHET, 'utf8'));
if (options.update) {
  const unmet = Object.fromEntries(
    failures.map(({ id, outcome }) => [id, { outcome, reason: ratchet.unmet[id]?.reason ?? 'REASON MISSING' }]),
  );
  const reached = Object.fromEntries(
    [...suites].map(([name, { total, passed, falseAccepts, falseRejects }]) => [name, { total, passed, falseAccepts, falseRejects }]),
  );
  const next = { reached, unmet, others: ratchet.others };
  writeFileSync(RATCHET, `${JSON.stringify(next, null, 2)}\n`);
  writeFileSync(PAGE, conformancePage(next));
  console.log('\nwritten: scripts/conformance.json, docs/conformance.md');
}

const complaints = slow.map((text) => `longer than ${SLOWEST_MS} ms: ${text}`);
if (!options.update) {
  for (const { id, outcome } of failures) if (ratchet.unmet[id]?.outcome !== outcome) complaints.push(`new ${outcome}: ${id}`);
  const failed = new Set(failures.map(({ id }) => id));
  for (const id of Object.keys(ratchet.unmet))
    if (!options.suite && !failed.has(id)) complaints.push(`met now, still listed as unmet: ${id}`);
  for (const [name, row] of suites) {
    const before = ratchet.reached[name];
    if (before === undefined || row.total !== before.total)
      complaints.push(`${name}: ${row.total} cases, the ratchet knows ${before?.total ?? 'none'}`);
    else if (row.passed < before.passed) complaints.push(`${name}: ${row.passed} passed, ${before.passed} before`);
  }
  if (!options.suite && conformancePage(ratchet) !== readFileSync(PAGE, 'utf8'))
    complaints.push('docs/conformance.md is not what the ratchet says: npm run conformance -- --update');
}
for (const [id, { reason }] of Object.entries(options.update ? {} : ratchet.unmet))
  if (reason === 'REASON MISSING') complaints.push(`no reason given for ${id}`);
if (complaints.length > 0) {
  console.log(`\nFAIL\n  ${complaints.join('\n  ')}`);
  process.exit(1);
}
const total = [...suites.values()].reduce((sum, row) => sum + row.total, 0);
console.log(`\nok: ${total - failures.length} of ${total} cases, as the ratchet asks`);
