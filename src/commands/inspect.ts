import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { sharedFlags } from '../lib/cli/flags.js';
import { TlsmedicError } from '../lib/errors.js';
import { grouped } from '../lib/grouped.js';
import { type InspectOptions, inspect, inspectionExitStatus } from '../lib/operations/inspect.js';
import { escapeForTerminal } from '../lib/report/escape.js';
import { renderInspection } from '../lib/report/inspection-text.js';

export default class Inspect extends TlsmedicCommand {
  static override summary = 'show what is in certificate and key files, and what belongs together';
  static override description =
    `Takes anything that may carry certificates or keys and finds out what it is from its contents, never from its name: PEM in any order and wrapping, DER,
PKCS#7, PKCS#12, Java key stores, requests, CRLs, OCSP responses, keys, Kubernetes Secrets, kubeconfig, environment files, folders, patterns, standard input, HOST:PORT.
Key material is never printed.

EXIT STATUS
  0   what was given could be read; warnings and lints do not count
  2   an input is unreadable, nothing of PKI, or shut and no passphrase given
  17  a certificate is malformed, or its signature is not its issuer's
  20  --diff: the server still serves the certificate from before the renewal
  21  a key does not fit its certificate, a block is damaged, the passphrase is wrong`;
  static override examples = [
    { description: 'do key and certificate belong together', command: 'tlsmedic inspect server.crt server.key' },
    { description: 'a Secret, as the cluster has it', command: 'kubectl get secret web-tls -o yaml | tlsmedic inspect -' },
    { description: 'a whole folder, soonest to expire first', command: 'tlsmedic inspect /etc/ssl/private' },
    { description: 'a million files, one document a line', command: 'tlsmedic inspect --each --json /var/lib/certs > certs.ndjson' },
    { description: 'what changed with the renewal', command: 'tlsmedic inspect --diff old.pem new.pem' },
    { description: 'what the server serves against the file', command: 'tlsmedic inspect --diff web:8443 server.crt' },
    { description: 'put a bundle in order', command: 'tlsmedic inspect bundle.pem --pem > ordered.pem' },
  ];
  static override strict = false;
  static override args = {
    input: Args.string({ description: 'FILE, DIR, pattern, - or HOST:PORT; several at once', required: true }),
  };
  static override flags = {
    'passphrase-file': sharedFlags['passphrase-file'],
    at: sharedFlags.at,
    servername: sharedFlags.servername,
    starttls: sharedFlags.starttls,
    timeout: sharedFlags.timeout,
    pem: Flags.boolean({ description: 'print certificates as PEM, in the right order', exclusive: ['text', 'diff'] }),
    text: Flags.boolean({ description: 'print everything decoded, like openssl x509 -text', exclusive: ['pem', 'diff'] }),
    diff: Flags.boolean({ description: 'what changed between two inputs' }),
    each: Flags.boolean({
      description: 'judge every file by itself: one line (or JSON document) for each, in little memory however many they are',
      exclusive: ['pem', 'text', 'diff'],
    }),
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Inspect);
    const inputs = argv as string[];
    const passphraseFile = flags['passphrase-file'];
    if (passphraseFile === '-' && inputs.includes('-')) {
      throw new TlsmedicError('usage', 'standard input cannot be both the input and the passphrase', {
        kind: 'usage',
        next: ['give the passphrase in a file, or as fd:3'],
      });
    }
    const passphrases =
      passphraseFile === undefined ? [] : [await (await import('../lib/io/passphrase.js')).readPassphrase(passphraseFile)];
    const { terminal } = this;
    const options = {
      passphrases,
      at: flags.at ?? Date.now(),
      signal: this.interruption,
      fetchChain: async (target: string) =>
        (await import('../lib/operations/fetch-chain.js')).fetchChain(target, {
          ...(flags.servername === undefined ? {} : { servername: flags.servername }),
          ...(flags.starttls === undefined ? {} : { starttls: flags.starttls }),
          ...(flags.timeout === undefined ? {} : { timeoutSeconds: flags.timeout }),
        }),
      onProgress: (done: number, total: number) => this.notice(`read ${grouped(done)} of ${grouped(total)} files`),
      ...(terminal.mayPrompt && passphraseFile === undefined
        ? {
            askPassphrase: async (label: string) =>
              (await import('../lib/cli/prompt.js')).askSecret(terminal, {
                message: `passphrase of ${escapeForTerminal(label)} (empty: leave it shut)`,
                instead: '--passphrase-file FILE',
              }),
          }
        : {}),
    };
    // What only one flag needs is loaded with that flag: the plain screen has to start fast.
    if (flags.diff) {
      const { inspectDiff } = await import('../lib/operations/inspect-diff.js');
      const { differenceDocument } = await import('../lib/report/difference-document.js');
      const { renderDifference } = await import('../lib/report/difference-text.js');
      const { difference, labels, causes, exitStatus, at } = await inspectDiff(inputs, options);
      this.finish({
        document: differenceDocument(difference, labels, causes),
        render: (view) =>
          renderDifference(
            difference,
            labels,
            causes.map(({ summary }) => summary),
            at,
            view,
          ),
        exitStatus,
      });
      return;
    }
    if (flags.each) return this.#each(inputs, options);
    const inspection = await inspect(inputs, options);
    const exitStatus = inspectionExitStatus(inspection);
    if (flags.pem && !terminal.json) {
      const { orderedPem } = await import('../lib/report/ordered-pem.js');
      const { blocks, notices } = orderedPem(inspection.inventory);
      for (const notice of notices) this.notice(notice);
      this.finish({ render: () => blocks, exitStatus });
      return;
    }
    if (terminal.json) {
      const { inspectionJson } = await import('../lib/report/inspection-json.js');
      this.finish({ pieces: () => inspectionJson(inspection), exitStatus });
      return;
    }
    const render = flags.text ? (await import('../lib/report/certificate-dump.js')).dumpPieces : renderInspection;
    this.finish({ render: (view) => render(inspection, view), exitStatus });
  }

  async #each(inputs: readonly string[], options: InspectOptions): Promise<void> {
    const { inspectEach } = await import('../lib/operations/inspect-each.js');
    const { renderInspectionLine } = await import('../lib/report/inspection-line.js');
    const { inspectionDocument } = await import('../lib/report/inspection-json.js');
    const { terminal } = this;
    const { inspected, failed, passedOver, exitStatus } = await inspectEach(inputs, {
      ...options,
      exitStatusOf: inspectionExitStatus,
      onInspection: (inspection) => {
        if (terminal.json) this.emit(inspectionDocument(inspection));
        else this.emit({ schema: 'tlsmedic/inspection@1' }, (view) => renderInspectionLine(inspection, view));
      },
    });
    const over = passedOver === 0 ? '' : `, ${grouped(passedOver)} passed over: nothing of a certificate or key in them`;
    this.notice(`${grouped(inspected)} looked at, ${grouped(failed)} with a cause${over}`);
    this.finish({ exitStatus });
  }
}
