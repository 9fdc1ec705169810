import { describe, expect, it } from 'vitest';
import { decideTerminal, type TerminalFacts, type TerminalFlags } from '../../src/lib/cli/terminal.js';

const flags: TerminalFlags = { json: false, noColor: false, noInput: false, quiet: false };
const tty: TerminalFacts = {
  stdin: { isTTY: true },
  stdout: { isTTY: true, columns: 120 },
  stderr: { isTTY: true, columns: 120 },
  env: { LANG: 'en_GB.UTF-8', TERM: 'xterm-256color' },
  platform: 'linux',
};
const withEnv = (env: Record<string, string>): TerminalFacts => ({ ...tty, env: { ...tty.env, ...env } });
const piped = (env: Record<string, string> = {}): TerminalFacts => ({ ...withEnv(env), stdout: { isTTY: false }, stdin: { isTTY: false } });

describe('colour', () => {
  it.each<[string, TerminalFacts, Partial<TerminalFlags>, boolean]>([
    ['a terminal', tty, {}, true],
    ['a pipe', piped(), {}, false],
    ['NO_COLOR', withEnv({ NO_COLOR: '1' }), {}, false],
    ['an empty NO_COLOR', withEnv({ NO_COLOR: '' }), {}, true],
    ['TERM=dumb', withEnv({ TERM: 'dumb' }), {}, false],
    ['FORCE_COLOR into a pipe', piped({ FORCE_COLOR: '1' }), {}, true],
    ['FORCE_COLOR=0', withEnv({ FORCE_COLOR: '0' }), {}, false],
    ['FORCE_COLOR over NO_COLOR', withEnv({ FORCE_COLOR: '1', NO_COLOR: '1' }), {}, true],
    ['--no-color over FORCE_COLOR', withEnv({ FORCE_COLOR: '1' }), { noColor: true }, false],
  ])('%s', (_, facts, given, colour) => {
    const terminal = decideTerminal(facts, { ...flags, ...given });
    expect(terminal.colour).toBe(colour);
    expect(terminal.style.fail('x')).toBe(colour ? '\x1b[31mx\x1b[39m' : 'x');
  });
});

describe('width', () => {
  it.each<[string, TerminalFacts, number]>([
    ['the terminal’s', tty, 120],
    ['80 in a pipe', piped(), 80],
    ['COLUMNS in a pipe', piped({ COLUMNS: '132' }), 132],
    ['never under 40', piped({ COLUMNS: '7' }), 40],
    ['80 when COLUMNS is nonsense', piped({ COLUMNS: 'wide' }), 80],
  ])('%s', (_, facts, width) => expect(decideTerminal(facts, flags).width).toBe(width));
});

describe('symbols', () => {
  it.each<[Record<string, string>, boolean]>([
    [{ LANG: 'C' }, false],
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: '' }, true],
    [{ LC_ALL: 'POSIX' }, false],
    [{ TERM: 'linux' }, false],
    [{ TLSMEDIC_ASCII: '1' }, false],
  ])('%j', (env, unicode) => {
    const terminal = decideTerminal(withEnv(env), flags);
    expect(terminal.unicode).toBe(unicode);
    expect(terminal.style.symbol.fail).toBe(unicode ? '✗' : 'x');
  });
});

describe('prompting', () => {
  it.each<[string, TerminalFacts, Partial<TerminalFlags>, string | undefined]>([
    ['a terminal', tty, {}, undefined],
    ['--no-input', tty, { noInput: true }, '--no-input was given'],
    ['CI', withEnv({ CI: 'true' }), {}, 'CI is set'],
    ['a pipe', piped(), {}, 'standard input is no terminal'],
    ['--json', tty, { json: true }, '--json was given'],
  ])('%s', (_, facts, given, because) => {
    const terminal = decideTerminal(facts, { ...flags, ...given });
    expect([terminal.mayPrompt, terminal.mayNotPromptBecause]).toEqual([because === undefined, because]);
  });
});
