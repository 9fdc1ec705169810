/** What a command line asks for. */
export interface Asked {
  /** oclif id of the command, `ca:init`; undefined when none is named. */
  id: string | undefined;
  /** What is left for the command to parse. */
  rest: string[];
  /** The leading words, for help topics and suggestions. */
  words: string[];
}

/** The longest run of leading words that names one of `ids`. Global switches may stand before it, and `ca:init` is `ca init`. */
export function findCommand(argv: readonly string[], ids: readonly string[]): Asked {
  const start = argv.findIndex((token) => !token.startsWith('-'));
  if (start === -1) return { id: undefined, rest: [...argv], words: [] };
  const words = wordsFrom(argv.slice(start));
  const colons = (words.length > 0 ? (argv[start] ?? '').split(':').length : 1) - 1;
  for (let length = Math.min(3, words.length); length > colons; length -= 1) {
    const id = words.slice(0, length).join(':');
    if (ids.includes(id)) return { id, rest: [...argv.slice(0, start), ...argv.slice(start + length - colons)], words };
  }
  return { id: undefined, rest: [...argv], words };
}

function wordsFrom(argv: readonly string[]): string[] {
  const end = argv.findIndex((token) => token.startsWith('-'));
  return (end === -1 ? argv : argv.slice(0, end)).flatMap((word, index) => (index === 0 ? word.split(':') : [word]));
}
