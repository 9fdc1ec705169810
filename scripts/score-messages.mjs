/*
 * npm run score:messages: how much of a corpus of labelled messages `explain` understands. The corpus is no part of this repository; where it is not found, this says so
 * and ends well. test/messages/scores.json holds what was reached: a lower score fails, `--update` raises it.
 *
 *   node scripts/score-messages.mjs [FILE.jsonl] [--misses N] [--update]
 *
 * Right is what equals the label or one of the codes that the text alone cannot rule out.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RATCHET = join(ROOT, 'test/messages/scores.json');
const args = process.argv.slice(2);
const update = args.includes('--update');
const missesAt = args.indexOf('--misses');
const misses = missesAt === -1 ? 0 : Number(args[missesAt + 1]);
const given = args.find((arg, i) => !arg.startsWith('--') && i !== missesAt + 1);
const corpus = given ?? process.env.TLSMEDIC_MESSAGES_CORPUS ?? join(ROOT, '../shared/corpus/messages-dev.jsonl');

if (!existsSync(corpus)) {
  console.log(
    `score:messages: skipped, there is no corpus at ${given ?? '../shared/corpus/messages-dev.jsonl'} (TLSMEDIC_MESSAGES_CORPUS names another)`,
  );
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), 'tlsmedic-score-'));
const bundle = async (entry) => {
  const outfile = join(work, `${entry.replaceAll('/', '-')}.mjs`);
  await build({ entryPoints: [join(ROOT, entry)], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  return import(outfile);
};
const { explainText } = await bundle('src/lib/messages/explain.ts');
const { classOf } = await bundle('src/lib/cause.ts');
rmSync(work, { recursive: true, force: true });

const now = new Date();
const rows = readFileSync(corpus, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const tally = { labelled: 0, class: 0, code: 0, side: 0, sides: 0, negatives: 0, flagged: 0 };
const wrong = [];
for (const row of rows) {
  const [top] = explainText(row.text, now);
  if (row.class === 'none') {
    if (row.kind !== 'negative') continue;
    tally.negatives += 1;
    if (top === undefined) continue;
    tally.flagged += 1;
    wrong.push({ id: row.id, want: 'none', got: top.code, text: row.text.slice(0, 120) });
    continue;
  }
  const codes = new Set([row.code, ...row.alternatives]);
  const classes = new Set([row.class, ...[...codes].map(classOf)]);
  tally.labelled += 1;
  if (top !== undefined && classes.has(classOf(top.code))) tally.class += 1;
  if (top !== undefined && codes.has(top.code)) tally.code += 1;
  else wrong.push({ id: row.id, want: row.code, got: top?.code ?? null, text: row.text.slice(0, 120) });
  if (top !== undefined && row.side) {
    tally.sides += 1;
    if (top.side === row.side) tally.side += 1;
  }
}
const percent = (part, whole) => Number(((100 * part) / Math.max(1, whole)).toFixed(1));
const score = {
  class: percent(tally.class, tally.labelled),
  code: percent(tally.code, tally.labelled),
  side: percent(tally.side, tally.sides),
  falseAlarms: percent(tally.flagged, tally.negatives),
};
console.log(
  `${tally.labelled} labelled texts: class ${score.class} %, code ${score.code} %, side ${score.side} %; ${tally.flagged} of ${tally.negatives} negatives flagged`,
);
for (const miss of wrong.slice(0, misses)) console.log(miss);

if (given === undefined) {
  const reached = existsSync(RATCHET) ? JSON.parse(readFileSync(RATCHET, 'utf8')) : { class: 0, code: 0, side: 0, falseAlarms: 100 };
  const worse = [
    ...['class', 'code', 'side'].filter((key) => score[key] < reached[key]),
    ...(score.falseAlarms > reached.falseAlarms ? ['falseAlarms'] : []),
  ];
  for (const key of worse) console.error(`${key}: ${score[key]}, reached before: ${reached[key]} (test/messages/scores.json)`);
  if (worse.length > 0) process.exitCode = 1;
  else if (update) writeFileSync(RATCHET, `${JSON.stringify(score, null, 2)}\n`);
}
