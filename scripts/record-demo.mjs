/*
 * npm run record: runs the README's first command as a newcomer does and keeps what it printed in README.md, between the marks. `--check` runs it again and
 * fails when a line is another one. The time it took is not compared; the major version of Node must be the one that recorded, since it words the errors.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const BEGIN = '<!-- recorded session: begin (npm run record) -->';
const END = '<!-- recorded session: end -->';
const major = process.versions.node.split('.')[0];

function record() {
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR, NODE_OPTIONS, ...env } = process.env;
  const run = spawnSync(process.execPath, [PROGRAM, 'demo'], {
    env: { ...env, NO_COLOR: '1', COLUMNS: '80', LANG: 'C.UTF-8' },
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    process.stdout.write(`${run.stdout}${run.stderr}\nthe demonstration ended with status ${run.status}\n`);
    process.exit(1);
  }
  return `$ npm start\n\n${run.stdout.trimEnd()}\n`;
}

function section(session) {
  return `${BEGIN}\n<details>\n<summary>What it prints (recorded with Node ${major})</summary>\n\n\`\`\`console\n${session}\`\`\`\n\n</details>\n${END}`;
}

/**
 * What must be the same in every run: every word. Numbers differ (ports, milliseconds, times of day), and with their length where lines break.
 */
function comparable(text) {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\d+/g, 'N')
    .replace(/N\.N\b/g, 'N')
    .replace(/(N (days?|h|min|s|ms)\b ?)+/g, 'N time ');
}

const readme = readFileSync(README, 'utf8');
const from = readme.indexOf(BEGIN);
const to = readme.indexOf(END);
if (from === -1 || to === -1) {
  process.stdout.write(`README.md has no place for it: ${BEGIN} … ${END}\n`);
  process.exit(1);
}
const session = record();
const recorded = readme.slice(from, to + END.length);
if (!process.argv.includes('--check')) {
  writeFileSync(README, readme.slice(0, from) + section(session) + readme.slice(to + END.length));
  process.stdout.write(`README.md holds ${session.split('\n').length} lines of it\n`);
  process.exit(0);
}
if (!recorded.includes(`recorded with Node ${major})`)) {
  process.stdout.write(
    `not compared: the session was recorded with another major version than Node ${major}, which words errors in its own way\n`,
  );
  process.exit(0);
}
const now = comparable(section(session));
const then = comparable(recorded);
if (now === then) process.stdout.write('the session in README.md is what it prints today\n');
else {
  const [a, b] = [then.split(' '), now.split(' ')];
  const at = a.findIndex((word, index) => word !== b[index]);
  const around = (words) => words.slice(Math.max(0, at - 8), at + 8).join(' ');
  process.stdout.write(`the session in README.md is not what it prints today:\n- ${around(a)}\n+ ${around(b)}\nnpm run record\n`);
  process.exit(1);
}
