import { Chalk } from 'chalk';

/**
 * Colours and symbols by meaning. The only module that knows chalk. A verdict is always word, symbol and colour together,
 * so that nothing is lost without colour and nothing is lost to the colour-blind.
 */
export interface Style {
  /** Whether colour is on; renderers need not ask, the functions below are the identity without it. */
  readonly colour: boolean;
  /** Whether symbols outside ASCII may be used. */
  readonly unicode: boolean;
  ok(text: string): string;
  fail(text: string): string;
  warn(text: string): string;
  /** What is there for completeness: units, paths, hints, "not checked". */
  dim(text: string): string;
  bold(text: string): string;
  /** Something to type: a command line. */
  command(text: string): string;
  readonly symbol: Symbols;
}

export interface Symbols {
  readonly fail: string;
  readonly ok: string;
  readonly warn: string;
  readonly unknown: string;
  readonly anchor: string;
  readonly arrowRight: string;
  readonly arrowLeft: string;
  readonly bullet: string;
  readonly ellipsis: string;
  readonly dash: string;
  /** Tree drawing: `├─ `, `└─ `, `│  `. */
  readonly branch: string;
  readonly lastBranch: string;
  readonly trunk: string;
  readonly horizontal: string;
  readonly barFull: string;
  readonly barEmpty: string;
}

const UNICODE: Symbols = {
  fail: '✗',
  ok: '✓',
  warn: '!',
  unknown: '?',
  anchor: '⚓',
  arrowRight: '→',
  arrowLeft: '←',
  bullet: '·',
  ellipsis: '…',
  dash: '–',
  branch: '├─ ',
  lastBranch: '└─ ',
  trunk: '│  ',
  horizontal: '─',
  barFull: '█',
  barEmpty: '░',
};

const ASCII: Symbols = {
  fail: 'x',
  ok: '+',
  warn: '!',
  unknown: '?',
  anchor: '@',
  arrowRight: '->',
  arrowLeft: '<-',
  bullet: '-',
  ellipsis: '...',
  dash: '-',
  branch: '|- ',
  lastBranch: '`- ',
  trunk: '|  ',
  horizontal: '-',
  barFull: '#',
  barEmpty: '.',
};

/** A style from two facts about the terminal. chalk ignores NO_COLOR, so the level is always given and never guessed. */
export function createStyle({ colour, unicode }: { colour: boolean; unicode: boolean }): Style {
  const symbol = unicode ? UNICODE : ASCII;
  if (!colour) {
    const plain = (text: string) => text;
    return { colour, unicode, ok: plain, fail: plain, warn: plain, dim: plain, bold: plain, command: plain, symbol };
  }
  const chalk = new Chalk({ level: 1 });
  return {
    colour,
    unicode,
    ok: (text) => chalk.green(text),
    fail: (text) => chalk.red(text),
    warn: (text) => chalk.yellow(text),
    dim: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
    command: (text) => chalk.cyan(text),
    symbol,
  };
}
