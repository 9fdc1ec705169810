import { EXIT } from '../cause.js';
import type { ErrorKind, TlsmedicError } from '../errors.js';
import { escapeForTerminal } from './escape.js';
import { hanging } from './layout.js';
import type { View } from './view.js';

/** What `--json` prints when there is no result. */
export interface ErrorDocument {
  schema: 'tlsmedic/error@1';
  error: {
    /** Stable kebab-case identifier. */
    code: string;
    kind: ErrorKind | 'interrupted';
    message: string;
    why?: string;
    /** The single mistakes, where the message counts several. */
    mistakes?: string[];
    /** What to do next, most useful first. */
    next: string[];
  };
  exitStatus: number;
}

/** 2 for what the caller or the machine can mend, 70 for a bug of ours. */
export function exitStatusOfError(kind: ErrorKind | 'interrupted'): number {
  if (kind === 'interrupted') return EXIT.interrupted;
  return kind === 'bug' ? EXIT.internal : EXIT.usage;
}

/** The document of an error; nothing secret and no stack goes in. */
export function errorDocument(error: TlsmedicError): ErrorDocument {
  return {
    schema: 'tlsmedic/error@1',
    error: {
      code: error.code,
      kind: error.kind,
      message: error.message,
      ...(error.why === undefined ? {} : { why: error.why }),
      ...(error.mistakes.length === 0 ? {} : { mistakes: [...error.mistakes] }),
      next: [...error.next],
    },
    exitStatus: exitStatusOfError(error.kind),
  };
}

/** What, why, what next: for standard error. */
export function renderError(document: ErrorDocument, view: View): string {
  const { style } = view;
  const { message, why, mistakes = [], next, kind } = document.error;
  const head = kind === 'bug' ? 'this is a bug in tlsmedic: ' : '';
  const lines = [hanging(`${style.fail(style.symbol.fail)} `, style.bold(escapeForTerminal(head + message)), view.width)];
  for (const mistake of mistakes) lines.push(hanging('  ', escapeForTerminal(mistake), view.width));
  if (why !== undefined) lines.push(hanging(`  ${style.dim('why')}   `, escapeForTerminal(why), view.width));
  next.forEach((step, index) => {
    lines.push(hanging(index === 0 ? `  ${style.dim('next')}  ` : '        ', escapeForTerminal(step), view.width));
  });
  return lines.join('\n');
}
