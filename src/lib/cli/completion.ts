import { flagText, summaryOf } from './help.js';
import { type Manifest, type ManifestCommand, type ManifestFlag, spacedId, visibleCommands } from './manifest.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A completion script made from the manifest: commands, flags and the values of flags that have a fixed choice; files everywhere else. */
export function completionScript(shell: Shell, manifest: Manifest): string {
  const commands = visibleCommands(manifest);
  return { bash, zsh, fish }[shell](commands);
}

const flagsOf = (command: ManifestCommand): ManifestFlag[] => Object.values(command.flags).filter((flag) => flag.hidden !== true);
const firstWords = (commands: readonly ManifestCommand[]): string[] => [
  ...new Set(commands.map((command) => command.id.split(':')[0] ?? '')),
];

function wordsAfter(commands: readonly ManifestCommand[], topic: string): string[] {
  return commands.filter((command) => command.id.startsWith(`${topic}:`)).map((command) => command.id.slice(topic.length + 1));
}

function topicsOf(commands: readonly ManifestCommand[]): string[] {
  return firstWords(commands).filter((word) => wordsAfter(commands, word).length > 0);
}

/** In single quotes for any POSIX shell and fish alike: no quote, backslash or line feed survives inside. */
function quoted(text: string): string {
  return `'${text
    .replace(/['\\\n]/g, ' ')
    .replaceAll('[', '(')
    .replaceAll(']', ')')}'`;
}

function bash(commands: readonly ManifestCommand[]): string {
  const flagCases = commands.map(
    (command) =>
      `    ${quoted(spacedId(command.id))}) words=${quoted(
        flagsOf(command)
          .map((flag) => `--${flag.name}`)
          .join(' '),
      )} ;;`,
  );
  const values = valueCases(commands).map(
    ([id, flag, options]) =>
      `    ${quoted(`${spacedId(id)} --${flag}`)}) COMPREPLY=($(compgen -W ${quoted(options.join(' '))} -- "$cur")); return ;;`,
  );
  const topics = topicsOf(commands).map((topic) => `    ${quoted(topic)}) words=${quoted(wordsAfter(commands, topic).join(' '))} ;;`);
  return `# tlsmedic completion for bash
_tlsmedic() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(firstWords(commands).join(' '))} -- "$cur"))
    return
  fi
  case "$command" in
    ${topicsOf(commands).map(quoted).join('|') || "''"})
      if [ "$COMP_CWORD" -eq 2 ]; then
        case "$command" in
${topics.map((line) => `      ${line}`).join('\n')}
        esac
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        return
      fi
      command="$command \${COMP_WORDS[2]}" ;;
  esac
  case "$command $prev" in
${values.join('\n')}
    *) ;;
  esac
  if [[ "$cur" == -* ]]; then
    case "$command" in
${flagCases.join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _tlsmedic tlsmedic
`;
}

function valueCases(commands: readonly ManifestCommand[]): [string, string, string[]][] {
  return commands.flatMap((command) =>
    flagsOf(command).flatMap((flag): [string, string, string[]][] =>
      flag.options === undefined ? [] : [[command.id, flag.name, flag.options]],
    ),
  );
}

function zsh(commands: readonly ManifestCommand[]): string {
  const describe = (words: readonly (readonly [string, string])[]) =>
    words.map(([word, text]) => quoted(`${word.replaceAll(':', ' ')}:${text.replaceAll(':', ' ')}`)).join(' ');
  const first = firstWords(commands).map((word): [string, string] => {
    const command = commands.find((candidate) => candidate.id === word);
    return [word, command === undefined ? `${word} commands` : summaryOf(command)];
  });
  const branches = commands.map((command) => {
    const specs = flagsOf(command).map((flag) => {
      const repeat = flag.multiple === true ? '*' : '';
      const action =
        flag.type === 'boolean' ? '' : flag.options === undefined ? `:${flag.name}:_files` : `:${flag.name}:(${flag.options.join(' ')})`;
      return quotedSpec(`${repeat}--${flag.name}`, flagText(flag), action);
    });
    return `    ${quoted(spacedId(command.id))}) _arguments -S ${[...specs, "'*:file:_files'"].join(' ')} ;;`;
  });
  const topics = topicsOf(commands).map(
    (topic) =>
      `    ${quoted(topic)}) if (( CURRENT == 3 )); then local -a sub=(${describe(commands.filter((c) => c.id.startsWith(`${topic}:`)).map((c) => [c.id.slice(topic.length + 1), summaryOf(c)]))}); _describe command sub; return; fi; command="$words[2] $words[3]" ;;`,
  );
  return `#compdef tlsmedic
# tlsmedic completion for zsh
_tlsmedic() {
  local command="$words[2]"
  if (( CURRENT == 2 )); then
    local -a commands=(${describe(first)})
    _describe command commands
    return
  fi
  case "$command" in
${topics.join('\n')}
  esac
  shift words; (( CURRENT-- ))
  case "$command" in
${branches.join('\n')}
    *) _files ;;
  esac
}
compdef _tlsmedic tlsmedic
`;
}

function quotedSpec(flag: string, text: string, action: string): string {
  return `'${flag}[${text.replace(/['\\\n[\]]/g, ' ')}]${action}'`;
}

function fish(commands: readonly ManifestCommand[]): string {
  const lines = ['# tlsmedic completion for fish'];
  for (const word of firstWords(commands)) {
    const command = commands.find((candidate) => candidate.id === word);
    lines.push(
      `complete -c tlsmedic -n __fish_use_subcommand -a ${word} -d ${quoted(command === undefined ? `${word} commands` : summaryOf(command))}`,
    );
  }
  for (const command of commands) {
    const [topic = '', sub] = command.id.split(':');
    if (sub !== undefined) {
      const others = wordsAfter(commands, topic).join(' ');
      lines.push(
        `complete -c tlsmedic -n '__fish_seen_subcommand_from ${topic}; and not __fish_seen_subcommand_from ${others}' -f -a ${sub} -d ${quoted(summaryOf(command))}`,
      );
    }
    const seen =
      sub === undefined
        ? `__fish_seen_subcommand_from ${topic}`
        : `__fish_seen_subcommand_from ${topic}; and __fish_seen_subcommand_from ${sub}`;
    for (const flag of flagsOf(command)) {
      const short = flag.char === undefined ? '' : ` -s ${flag.char}`;
      const value = flag.type === 'boolean' ? '' : flag.options === undefined ? ' -r' : ` -x -a ${quoted(flag.options.join(' '))}`;
      lines.push(`complete -c tlsmedic -n '${seen}' -l ${flag.name}${short}${value} -d ${quoted(flagText(flag))}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
