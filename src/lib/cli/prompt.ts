import { TlsmedicError } from '../errors.js';
import type { Terminal } from './terminal.js';

/** A question that could also have been answered on the command line. */
interface Question {
  message: string;
  /** What to type instead, where no question may be asked: `--name NAME`. */
  instead: string;
}

/**
 * Questions to the person at the terminal (inquirer, loaded only when something is asked). They go to standard error, so that standard output
 * stays the answer. Where nothing may be asked, a usage error names the flag to give instead.
 */
async function ask<T>(terminal: Terminal, question: Question, details: object): Promise<T> {
  if (!terminal.mayPrompt) {
    throw new TlsmedicError('may-not-prompt', `"${question.message}" may not be asked: ${terminal.mayNotPromptBecause ?? 'no terminal'}`, {
      kind: 'usage',
      next: [`give ${question.instead}`],
    });
  }
  // By its name: the bundle's default export is wrapped once more.
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ input: process.stdin, output: process.stderr });
  const answers = await prompt([{ name: 'answer', message: question.message, ...details } as never]);
  return (answers as { answer: T }).answer;
}

/** Free text; `check` returns what is wrong with an answer, or true. */
export function askText(
  terminal: Terminal,
  question: Question & { initial?: string; check?: (answer: string) => true | string },
): Promise<string> {
  return ask(terminal, question, { type: 'input', default: question.initial, validate: question.check ?? (() => true) });
}

/** Yes or no. */
export function askYesNo(terminal: Terminal, question: Question & { initial: boolean }): Promise<boolean> {
  return ask(terminal, question, { type: 'confirm', default: question.initial });
}

/** One of several. */
export function askChoice<T extends string>(
  terminal: Terminal,
  question: Question & { choices: readonly { value: T; name: string }[]; initial?: T },
): Promise<T> {
  return ask(terminal, question, { type: 'select', choices: question.choices, default: question.initial });
}

/** How often two entries may differ before it is given up. */
const TRIES = 3;

/**
 * A secret: nothing is echoed. With `repeat` it is asked twice and asked anew while the two differ; an empty one, which stands for "none given",
 * is not asked again.
 * @throws TlsmedicError `passphrases-differ` after three tries
 */
export async function askSecret(
  terminal: Terminal,
  question: Question & { repeat?: boolean; check?: (answer: string) => true | string },
): Promise<string> {
  const { message } = question;
  for (let left = TRIES; left > 0; left--) {
    const details = { type: 'password', validate: question.check ?? (() => true) };
    const secret = await ask<string>(terminal, left === TRIES ? question : { ...question, message: `they differ; ${message}` }, details);
    if (question.repeat !== true || secret === '') return secret;
    const again = await ask<string>(terminal, { ...question, message: 'the same again' }, { type: 'password' });
    if (again === secret) return secret;
  }
  throw new TlsmedicError('passphrases-differ', `the two passphrases differed ${TRIES} times`, {
    kind: 'input',
    next: [`give ${question.instead}`],
  });
}
