/*
 * npm run new:cause -- CODE CLASS: the scaffold of a new cause. Adds the code to its class (src/lib/cause.ts), writes the rule with every field that a
 * person has to fill in marked «…», and puts it into the registry. The architecture test fails as long as a mark is left, the registry test as long as
 * no world of the lab triggers the cause. See CONTRIBUTING.md, "Add a cause in five steps".
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const [code, group] = process.argv.slice(2);
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const write = (path, text) => {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
};
const stop = (message) => {
  console.error(message);
  process.exit(2);
};

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code ?? ''))
  stop('usage: npm run new:cause -- CODE CLASS   (a code is kebab-case, such as key-usage-missing)');
const vocabulary = read('src/lib/cause.ts');
const classes = [...vocabulary.matchAll(/^ {2}'?([a-z-]+)'?: \{\s*exit: \d+/gm)].map((match) => match[1]);
if (!classes.includes(group)) stop(`"${group ?? ''}" is no class; one of: ${classes.join(', ')}`);
if (new RegExp(`'${code}'`).test(vocabulary)) stop(`${code} is there already`);

const rulePath = `src/lib/diagnose/rules/${group}/${code}.ts`;
if (existsSync(join(ROOT, rulePath))) stop(`${rulePath} is there already`);

const inClass = new RegExp(`(^ {2}'?${group}'?: \\{\\s*exit: \\d+,\\s*codes: \\[[^\\]]*?)(,?\\s*)\\]`, 'm');
if (!inClass.test(vocabulary)) stop(`src/lib/cause.ts: the codes of ${group} are not where they were`);
write('src/lib/cause.ts', vocabulary.replace(inClass, `$1, '${code}']`));

write(
  rulePath,
  `import { defineMeta } from '../../meta.js';
import { defineRule, found, PASS } from '../../rule.js';

export const meta = defineMeta({
  code: '${code}',
  severity: 'error',
  party: 'server',
  title: '«one line, lower case, no full stop: who did what»',
  why: '«the mechanism, two or three sentences»',
  wordings: [{ runtime: 'OpenSSL', text: '«how this runtime words it»' }],
  confirm: [{ title: '«how to see it for oneself»', command: 'openssl s_client -connect {host}:{port} -servername {name} -CAfile {ca} </dev/null' }],
  fixes: [{ title: '«what mends it»', command: '«a line that can be pasted; leave it out when none can do it»' }],
  references: [{ rfc: 5280, section: '«section»' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => {
    // «Decide from the evidence alone. PASS when all is well, inconclusive('what is missing') when nobody can tell.»
    if (evidence.look === undefined) return PASS;
    return found({ confidence: 'certain', summary: '«one sentence with the numbers in it»', evidence: [] });
  },
});
`,
);

const camel = code.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const registry = read('src/lib/diagnose/registry.ts');
const imports = [...registry.matchAll(/^import \{ rule as .*;$/gm)];
const last = imports.at(-1);
if (last === undefined || !registry.includes('export const RULES'))
  stop('src/lib/diagnose/registry.ts is not as it was: add the rule by hand');
const withImport = `${registry.slice(0, last.index + last[0].length)}\nimport { rule as ${camel} } from './rules/${group}/${code}.js';${registry.slice(last.index + last[0].length)}`;
write(
  'src/lib/diagnose/registry.ts',
  withImport.replace(/(export const RULES: readonly Rule\[\] = \[[\s\S]*?)\n\];/, `$1\n  ${camel},\n];`),
);

spawnSync('npx', ['biome', 'check', '--write', 'src/lib/cause.ts', 'src/lib/diagnose/registry.ts', rulePath], {
  cwd: ROOT,
  stdio: 'ignore',
});
console.log(`written: ${rulePath}
changed: src/lib/cause.ts, src/lib/diagnose/registry.ts

next
  1 fill in every «…» of the rule
  2 add a world that shows it:      src/lib/lab/worlds/${group}.ts
  3 teach explain its wordings:     src/lib/messages/
  4 make the pages and schemas new: npm run build && npm run docs && npm run schemas
  5 see it pass:                    npx vitest run test/diagnose test/lab test/architecture.test.ts`);
