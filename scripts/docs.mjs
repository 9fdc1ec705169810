/*
 * npm run docs: the reference pages that come from the sources. `--check` fails when the committed ones are not what the sources say.
 *
 *   docs/commands.md     from oclif.manifest.json, by the same functions as --help
 *   docs/causes/*.md     from the rules' own metadata, where they have a page maker (see `causePages`)
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const built = (path) => import(pathToFileURL(join(ROOT, 'dist/lib', path)).href);

const { examplesOf, flagLabel, flagText, summaryOf, usageOf } = await built('cli/help.js');
const { environmentNameOf } = await built('cli/outside-values.js');
const { visibleCommands, spacedId } = await built('cli/manifest.js');
const { CAUSE_CLASSES, EXIT } = await built('cause.js');

function commandsPage() {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8'));
  const commands = visibleCommands(manifest);
  const lines = [
    '# Commands',
    '',
    'Made from the program itself by `npm run docs`. `tlsmedic COMMAND --help` says the same.',
    '',
    ...commands.map((command) => `- [${spacedId(command.id)}](#${spacedId(command.id).replaceAll(' ', '-')}): ${summaryOf(command)}`),
    '',
    'Every flag may come from the environment under the name given beside it; a typed flag beats the environment.',
    '',
    ...exitStatuses(),
    ...commands.flatMap(commandSection),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function exitStatuses() {
  return [
    '## Exit statuses',
    '',
    '| status | meaning |',
    '|---|---|',
    `| ${EXIT.healthy} | nothing stands in the way of a handshake |`,
    `| ${EXIT.several} | many targets: more than one class failed, or something could not be checked |`,
    `| ${EXIT.usage} | bad flags, unreadable or unusable input, a prompt that may not be asked |`,
    ...Object.entries(CAUSE_CLASSES).map(
      ([name, { exit, codes }]) => `| ${exit} | ${name}: ${codes.map((code) => `\`${code}\``).join(', ')} |`,
    ),
    `| ${EXIT.internal} | a bug of tlsmedic |`,
    `| ${EXIT.interrupted} | interrupted |`,
    '',
  ];
}

function commandSection(command) {
  const flags = Object.values(command.flags).filter((flag) => flag.hidden !== true && flag.helpGroup !== 'GLOBAL');
  const args = Object.values(command.args).filter((arg) => arg.hidden !== true);
  const examples = examplesOf(command);
  const description = (command.description ?? '').trim();
  return [
    `## ${spacedId(command.id)}`,
    '',
    `${summaryOf(command)}.`.replace(/\.\.$/, '.'),
    '',
    ...(examples.length === 0
      ? []
      : [
          '```sh',
          ...examples.flatMap(({ command: line, description: about }) => [...(about === '' ? [] : [`# ${about}`]), line]),
          '```',
          '',
        ]),
    `Usage: \`${usageOf(command)}\``,
    '',
    ...(description === '' || description === summaryOf(command) ? [] : [description, '']),
    ...(args.length === 0
      ? []
      : ['| argument | |', '|---|---|', ...args.map((arg) => `| \`${arg.name.toUpperCase()}\` | ${cell(arg.description ?? '')} |`), '']),
    ...(flags.length === 0
      ? []
      : [
          '| flag | | environment |',
          '|---|---|---|',
          ...flags.map((flag) => `| \`${flagLabel(flag)}\` | ${cell(flagText(flag))} | \`${environmentNameOf(flag.name)}\` |`),
          '',
        ]),
  ];
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

/** Pages of the catalogue: name and text, from the module that also words `tlsmedic explain CODE`. */
async function causePages() {
  const path = 'report/catalogue-pages.js';
  if (!existsSync(join(ROOT, 'dist/lib', path))) return [];
  const { cataloguePages } = await built(path);
  return cataloguePages().map(({ name, text }) => [`docs/causes/${name}.md`, text]);
}

const pages = new Map([['docs/commands.md', commandsPage()], ...(await causePages())]);
const stale = [];
for (const [path, text] of pages) {
  const place = join(ROOT, path);
  if (existsSync(place) && readFileSync(place, 'utf8') === text) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}
const causes = join(ROOT, 'docs/causes');
if (pages.size > 1 && existsSync(causes)) {
  for (const name of readdirSync(causes)) {
    if (pages.has(`docs/causes/${name}`)) continue;
    stale.push(`docs/causes/${name}`);
    if (!check) rmSync(join(causes, name));
  }
}
if (check && stale.length > 0) {
  console.error(`not what the sources say: ${stale.join(', ')}. Run "npm run docs" and commit it`);
  process.exitCode = 1;
} else console.log(`${pages.size} pages${stale.length > 0 ? `, changed: ${stale.join(', ')}` : ', all current'}`);
