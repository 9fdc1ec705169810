import { closest } from '../did-you-mean.js';
import { TlsmedicError } from '../errors.js';
import { hanging, padEnd, wrap } from '../report/layout.js';
import type { View } from '../report/view.js';
import { splitHostPort } from './host-port.js';
import { type Manifest, type ManifestCommand, type ManifestFlag, spacedId, visibleCommands } from './manifest.js';

/**
 * Help for `id` (`''` for the program, a topic, a command), or the error for something that is none of these, with a suggestion.
 * Examples stand first: most people copy one and go.
 */
export function showHelp(
  manifest: Manifest,
  id: string,
  { view, asked }: { view: View; asked: readonly string[] },
): { text: string } | { error: TlsmedicError } {
  if (id === '') return { text: programHelp(manifest, view) };
  const command = manifest.commands[id];
  if (command !== undefined) return { text: commandHelp(command, view) };
  const inTopic = visibleCommands(manifest).filter((candidate) => candidate.id.startsWith(`${id}:`));
  if (inTopic.length > 0) return { text: topicHelp(id, inTopic, view) };
  return { error: unknownCommand(manifest, id, asked) };
}

function unknownCommand(manifest: Manifest, id: string, asked: readonly string[]): TlsmedicError {
  const words = id.split(':');
  const known = visibleCommands(manifest).map((command) => command.id);
  const [first = '', second] = words;
  const topic = known.some((name) => name.startsWith(`${first}:`)) && second !== undefined;
  const nearest = topic
    ? closest(`${first}:${second}`, known)
    : (closest(words.slice(0, 2).join(':'), known) ?? closest(first, [...new Set(known.map((name) => name.split(':')[0] ?? name))]));
  const target = asked.find((token) => !token.startsWith('-')) ?? first;
  const next: string[] = [];
  if (splitHostPort(target) !== undefined && known.includes('diagnose')) next.push(`did you mean: tlsmedic diagnose ${target}`);
  else if (/\.(pem|crt|cer|der|p12|pfx|p7b|jks|key|csr)$/i.test(target) && known.includes('inspect'))
    next.push(`did you mean: tlsmedic inspect ${target}`);
  else if (nearest !== undefined) next.push(`did you mean: tlsmedic ${spacedId(nearest)}`);
  next.push(topic ? `every command of ${first}: tlsmedic ${first} --help` : 'every command: tlsmedic --help');
  const shown =
    topic || nearest?.includes(':')
      ? `${first}${second === undefined ? '' : ` ${second}`}`
      : splitHostPort(target) === undefined
        ? first
        : target;
  return new TlsmedicError('unknown-command', `unknown command "${shown}"`, { kind: 'usage', next });
}

function programHelp(manifest: Manifest, view: View): string {
  const { style } = view;
  const examples = [
    ['diagnose HOST:PORT', 'why does this handshake fail?'],
    ['inspect FILE', 'what is in this file?'],
    ['verify-chain FILE --ca CA', 'would it verify, and if not, why?'],
    ['explain < server.log', 'what does this error mean?'],
    ['ca init && tlsmedic issue web --server', 'working certificates for a laptop or a CI job'],
  ].filter(([line]) => Object.hasOwn(manifest.commands, (line?.split(' ')[0] ?? '').replace(/^ca$/, 'ca:init')));
  return join([
    ...wrap('tlsmedic finds out why TLS or mTLS fails: the cause with proof, and the command that mends it.', view.width),
    '',
    ...list(
      examples.map(([line, about]) => [`tlsmedic ${line}`, about ?? '']),
      view,
      style.command,
    ),
    '',
    style.bold('COMMANDS'),
    ...list(
      visibleCommands(manifest).map((command) => [spacedId(command.id), summaryOf(command)]),
      view,
      (text) => text,
    ),
    '',
    style.bold('EVERY COMMAND TAKES'),
    ...list(
      [
        ['--json', 'one JSON document on standard output'],
        ['--no-color, --no-input, -q, --debug', 'no colours, no questions, no notices, stack traces'],
        ['--help', 'examples and every flag'],
      ],
      view,
      (text) => text,
    ),
    '',
    style.bold('EXIT STATUS'),
    ...wrap(
      '0 nothing stands in the way of a handshake; 10 to 21 the class of the first cause (10 expiry, 11 clock-skew, 12 unknown-authority, 13 san-mismatch, 14 protocol-mismatch, 15 client-auth, 16 revocation, 17 invalid-certificate, 18 not-tls, 19 network, 20 deployment, 21 key-material); 1 several targets, more than one class; 2 usage or unusable input; 70 a bug of tlsmedic; 130 interrupted',
      view.width - 2,
    ).map((line) => `  ${line}`),
    '',
    style.dim('every flag has an environment name: TLSMEDIC_CA_DIR for --ca-dir'),
  ]);
}

function topicHelp(topic: string, commands: readonly ManifestCommand[], view: View): string {
  const { style } = view;
  const examples = commands.flatMap((command) => examplesOf(command).slice(0, 1));
  return join([
    ...list(
      examples.map((example) => [example.command, example.description]),
      view,
      style.command,
    ),
    ...(examples.length > 0 ? [''] : []),
    style.bold('COMMANDS'),
    ...list(
      commands.map((command) => [spacedId(command.id), summaryOf(command)]),
      view,
      (text) => text,
    ),
    '',
    style.dim(`more: tlsmedic ${spacedId(topic)} COMMAND --help`),
  ]);
}

function commandHelp(command: ManifestCommand, view: View): string {
  const { style } = view;
  const examples = examplesOf(command);
  const flags = Object.values(command.flags).filter((flag) => flag.hidden !== true);
  const groups = [...new Set(flags.map((flag) => flag.helpGroup ?? 'FLAGS'))].sort((a, b) => weight(a) - weight(b));
  const args = Object.values(command.args).filter((arg) => arg.hidden !== true && arg.description !== undefined);
  return join([
    ...wrap(summaryOf(command), view.width),
    '',
    ...exampleLines(examples, view),
    style.bold('USAGE'),
    ...wrap(usageOf(command), view.width - 4).map((line, index) => (index === 0 ? `  ${line}` : `      ${line}`)),
    '',
    ...(args.length === 0
      ? []
      : [
          style.bold('ARGUMENTS'),
          ...list(
            args.map((arg) => [arg.name.toUpperCase(), arg.description ?? '']),
            view,
            (text) => text,
          ),
          '',
        ]),
    ...groups.flatMap((group) => [
      style.bold(group),
      ...list(
        flags.filter((flag) => (flag.helpGroup ?? 'FLAGS') === group).map((flag) => [flagLabel(flag), flagText(flag)]),
        view,
        (text) => text,
      ),
      '',
    ]),
    ...descriptionLines(command, view),
  ]);
}

/** The flags of a command itself first, the shared groups after them, the global ones last. */
function weight(group: string): number {
  return group === 'FLAGS' ? 0 : group === 'GLOBAL' ? 2 : 1;
}

function exampleLines(examples: readonly { command: string; description: string }[], view: View): string[] {
  if (examples.length === 0) return [];
  return [
    view.style.bold('EXAMPLES'),
    ...examples.flatMap(({ command, description }) => [
      ...(description === '' ? [] : [`  ${view.style.dim(description)}`]),
      `    ${view.style.command(command)}`,
    ]),
    '',
  ];
}

function descriptionLines(command: ManifestCommand, view: View): string[] {
  const text = (command.description ?? '').trim();
  if (text === '' || text === summaryOf(command)) return [];
  return [view.style.bold('MORE'), ...wrap(reflowed(text), view.width - 2).map((line) => (line === '' ? '' : `  ${line}`)), ''];
}

/** Lines that were broken for the source are joined; blank lines and indented or listed ones stay. */
function reflowed(text: string): string {
  return text.replace(/([^\n])\n(?![\n\s*-])/g, '$1 ');
}

/** Examples with oclif's placeholders filled in. */
export function examplesOf(command: ManifestCommand): { command: string; description: string }[] {
  const fill = (text: string) =>
    text.replaceAll('<%= config.bin %>', 'tlsmedic').replaceAll('<%= command.id %>', spacedId(command.id)).replace(/^\$ /, '');
  return (command.examples ?? []).map((example) =>
    typeof example === 'string'
      ? { command: fill(example), description: '' }
      : { command: fill(example.command), description: example.description },
  );
}

/** One line: what the command is for. */
export function summaryOf(command: ManifestCommand): string {
  return command.summary ?? (command.description ?? '').split('\n')[0] ?? '';
}

/** `tlsmedic verify-chain FILE... [flags]`; a command that takes names without listing them as arguments says so in its `usage`. */
export function usageOf(command: ManifestCommand): string {
  const [own] = [command.usage ?? []].flat();
  if (own !== undefined) return `tlsmedic ${own} [flags]`;
  const args = Object.values(command.args)
    .filter((arg) => arg.hidden !== true)
    .map((arg) => {
      const name = `${arg.name.toUpperCase()}${arg.multiple === true || command.strict === false ? '...' : ''}`;
      return arg.required === true ? name : `[${name}]`;
    });
  const required = Object.values(command.flags)
    .filter((flag) => flag.required === true)
    .map((flag) => flagLabel(flag).trim());
  return ['tlsmedic', spacedId(command.id), ...args, ...required, '[flags]'].join(' ');
}

/** `-q, --quiet`, `--ca FILE`. */
export function flagLabel(flag: ManifestFlag): string {
  const short = flag.char === undefined ? '' : `-${flag.char}, `;
  const value = flag.type === 'boolean' ? '' : ` ${valueName(flag)}`;
  return `${short}--${flag.allowNo === true ? '[no-]' : ''}${flag.name}${value}`;
}

function valueName(flag: ManifestFlag): string {
  if (typeof flag.helpValue === 'string') return flag.helpValue.replace(/^<(.*)>$/, '$1');
  if (flag.options !== undefined && flag.options.join('|').length <= 24) return flag.options.join('|');
  return flag.name.toUpperCase().replaceAll('-', '_').replace(/^.*_/, '');
}

/** The description with what else holds for the flag. */
export function flagText(flag: ManifestFlag): string {
  const notes: string[] = [];
  if (
    flag.options !== undefined &&
    flag.options.join('|').length > 24 &&
    !(flag.description ?? '').includes(flag.options.slice(0, 2).join(', '))
  )
    notes.push(`one of ${flag.options.join(', ')}`);
  if (flag.default !== undefined && flag.default !== false && String(flag.default) !== '') notes.push(`default ${String(flag.default)}`);
  return [flag.summary ?? flag.description ?? '', ...(notes.length > 0 ? [`(${notes.join('; ')})`] : [])].join(' ').trim();
}

function list(rows: readonly (readonly [string, string] | readonly string[])[], view: View, paint: (text: string) => string): string[] {
  const widest = Math.max(0, ...rows.map((row) => (row[0] ?? '').length));
  const column = Math.min(widest, Math.max(24, Math.floor(view.width * 0.42)));
  return rows.flatMap(([label = '', text = '']) => {
    const padded = `  ${paint(label)}${' '.repeat(Math.max(0, column - label.length))}  `;
    if (text === '') return [`  ${paint(label)}`];
    if (label.length <= column) return hanging(padded, text, view.width).split('\n');
    return [`  ${paint(label)}`, ...hanging(padEnd('', column + 4), text, view.width).split('\n')];
  });
}

function join(lines: readonly string[]): string {
  return `${lines.join('\n').trimEnd()}\n`;
}
