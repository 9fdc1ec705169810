import { existsSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CAUSE_CLASSES, type CauseClass } from '../lib/cause.js';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { sharedFlags } from '../lib/cli/flags.js';
import { TlsmedicError } from '../lib/errors.js';
import { standardInputSpeaks } from '../lib/io/log-source.js';
import { explain, explainLog, explanationExitStatus, followExplaining } from '../lib/operations/explain.js';
import { catalogueDocument, causeDocument, renderCatalogue, renderCause } from '../lib/report/catalogue.js';
import { renderAgain, renderExplainedCause, renderExplanation } from '../lib/report/explanation-text.js';

export default class Explain extends TlsmedicCommand {
  static override summary = 'what an error message, a log or a cause code means';
  static override description =
    `Takes an error message as it was printed, a log file of any size, or - for standard input, and says which TLS failure it speaks of, which end printed
it, what else it could be, and the line to run to find out. Knows the words of OpenSSL, BoringSSL, Go, Java, Node.js, Python, rustls, GnuTLS, NSS, Chromium,
Windows, Apple, mbedTLS, wolfSSL, Erlang, curl, and of the programs on top of them; looks through JSON, klog, logfmt, journald and container prefixes.

EXIT STATUS
  0      no TLS failure in the text
  10-21  the class of the weightiest cause`;
  static override examples = [
    { description: 'a line out of a log', command: 'tlsmedic explain "remote error: tls: bad certificate"' },
    { description: 'everything a pod has said', command: 'kubectl logs deploy/gateway | tlsmedic explain -' },
    { description: 'a code of a report, in full', command: 'tlsmedic explain missing-intermediate' },
    { description: 'a log as it grows', command: 'tlsmedic explain /var/log/nginx/error.log --follow' },
  ];
  static override strict = false;
  static override args = {
    text: Args.string({ description: 'the message itself, a FILE (gzip too), - for standard input, or a CODE; nothing lists the codes' }),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on as the log grows; Ctrl-C ends with the summary' }),
    at: sharedFlags.at,
    verbose: Flags.boolean({ char: 'v', description: 'every cause in full' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Explain);
    const words = argv.length === 0 && (await standardInputSpeaks()) ? ['-'] : (argv as string[]);
    const [first = ''] = words;
    if (words.length <= 1 && !flags.follow && this.#catalogue(first)) return;
    const now = new Date(flags.at ?? Date.now());
    const isLog = words.length === 1 && (first === '-' || existsSync(first));
    if (!isLog && words.length === 1) refuseMissingFile(first);
    if (flags.follow) {
      if (!isLog)
        throw new TlsmedicError('usage', '--follow needs a file, or - for standard input', {
          kind: 'usage',
          next: ['tlsmedic explain FILE --follow'],
        });
      const summary = await followExplaining(first, this.interruption, (cause, again) =>
        this.emit(
          {
            schema: 'tlsmedic/explanation@1',
            ok: false,
            at: new Date().toISOString(),
            source: first,
            lines: cause.line,
            bytes: 0,
            causes: [cause],
          },
          (view) => (again ? renderAgain(cause, view) : `${renderExplainedCause(cause, view)}\n`),
        ),
      );
      if (this.terminal.json) this.emit(summary);
      this.finish({ render: (view) => renderExplanation(summary, view), exitStatus: explanationExitStatus(summary) });
      return;
    }
    const explanation = isLog ? await explainLog(first, { now, signal: this.interruption }) : explain(words.join(' '), { now });
    this.finish({
      document: explanation,
      render: (view) => renderExplanation(explanation, view),
      exitStatus: explanationExitStatus(explanation),
    });
  }

  /** Shows the catalogue, a class or a code of it; false when the word is none of them. */
  #catalogue(word: string): boolean {
    const page = causeDocument(word);
    if (page !== undefined) {
      this.finish({ document: page, render: (view) => renderCause(page, view), exitStatus: 0 });
      return true;
    }
    const only = Object.hasOwn(CAUSE_CLASSES, word) ? (word as CauseClass) : undefined;
    if (word !== '' && only === undefined) return false;
    this.finish({ document: catalogueDocument(only), render: (view) => renderCatalogue(view, only), exitStatus: 0 });
    return true;
  }
}

/** `tlsmedic explain gateway.log` with a typo shall not be read as a message without a failure. */
function refuseMissingFile(word: string): void {
  if (!/^(?:\.{0,2}\/)?[^\s:"']+\.(?:log|txt|json|jsonl|gz|out|err)(?:\.\d+)?$/.test(word) && !/^\.{0,2}\/[^\s:"']+$/.test(word)) return;
  throw new TlsmedicError('unreadable-file', `cannot read ${word}: there is no such file`, {
    kind: 'input',
    next: ['to explain it as a text all the same: tlsmedic explain - <<< TEXT'],
  });
}
