import * as Flags from '@oclif/core/flags';
import type { ConfigTarget } from '../lib/ca/config-snippets.js';
import type { FaultName } from '../lib/ca/faults.js';
import type { OutputFormat } from '../lib/ca/output-files.js';
import type { LeafProfile } from '../lib/ca/profiles.js';
import { EXIT } from '../lib/cause.js';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { caFlags, caPlaces, keyTypeFlag } from '../lib/cli/ca-flags.js';
import { duration, moment } from '../lib/cli/flags.js';
import { writeError } from '../lib/cli/output.js';
import { TlsmedicError } from '../lib/errors.js';
import { localNow } from '../lib/io/local-clock.js';
import { readPassphrase } from '../lib/io/passphrase.js';
import { type IssueOptions, issue } from '../lib/operations/issue.js';
import { type IssueBatchOptions, issueBatch } from '../lib/operations/issue-batch.js';
import { configTitle, ISSUE_CHOICES, passphraseProblem } from '../lib/operations/issue-choices.js';
import { renderIssue, renderIssueBatch, renderProgress } from '../lib/report/issue-text.js';
import type { Places } from '../lib/report/short-path.js';

const NAMES = 'NAMES';
const PURPOSE = 'PURPOSE AND LIFE';
const FILES = 'FILES';

export default class Issue extends TlsmedicCommand {
  static override summary = 'issue a certificate with its key, or one that is broken in one exact way';
  static override description =
    'Names may be DNS names, IP addresses, e-mail addresses, URIs and SPIFFE IDs; the kind is inferred and shown. Written are NAME.crt (with its intermediates), NAME.key and ca.crt.';
  static override usage = ['issue NAME... [--server | --client | --peer] [--out DIR]'];
  static override strict = false;
  static override examples = [
    { description: 'both ends of mutual TLS, for 24 hours', command: 'tlsmedic issue api.internal 10.0.0.7 --out ./tls' },
    { description: 'every name of a Kubernetes service', command: 'tlsmedic issue --k8s payments.prod --format k8s-secret' },
    { description: 'a client for a week', command: 'tlsmedic issue alice@example.com --client --lifetime 7d' },
    { description: 'a SPIFFE identity', command: 'tlsmedic issue --spiffe spiffe://prod.example/payments/gateway' },
    { description: 'does my service refuse it?', command: 'tlsmedic issue api.internal --fault expired --out ./broken' },
    { description: 'how nginx uses the files', command: 'tlsmedic issue api.internal --out ./tls --print-config nginx' },
    { description: 'thousands, from a file; can be resumed', command: 'tlsmedic issue --batch services.csv --out ./tls' },
  ];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    k8s: Flags.string({
      multiple: true,
      helpGroup: NAMES,
      helpValue: 'SERVICE.NAMESPACE',
      description: 'all names of a Kubernetes service',
    }),
    spiffe: Flags.string({ helpGroup: NAMES, helpValue: 'ID', description: 'SPIFFE ID, as the only URI' }),
    organization: Flags.string({
      helpGroup: NAMES,
      helpValue: 'O',
      description: 'organisation in the subject (Kubernetes reads it as group)',
    }),
    csr: Flags.string({
      helpGroup: NAMES,
      helpValue: 'FILE',
      description: 'sign this request; its key stays where it is',
      exclusive: ['batch'],
    }),
    batch: Flags.string({ helpGroup: NAMES, helpValue: 'FILE', description: 'issue for every row of a CSV, YAML or JSON file' }),
    server: Flags.boolean({ helpGroup: PURPOSE, description: 'for servers', exclusive: ['client', 'peer', 'ocsp-responder'] }),
    client: Flags.boolean({ helpGroup: PURPOSE, description: 'for clients', exclusive: ['server', 'peer', 'ocsp-responder'] }),
    peer: Flags.boolean({ helpGroup: PURPOSE, description: 'for both (the default)', exclusive: ['server', 'client', 'ocsp-responder'] }),
    'ocsp-responder': Flags.boolean({ hidden: true, exclusive: ['server', 'client', 'peer'] }),
    lifetime: duration({ helpGroup: PURPOSE, description: 'default: 24h', exclusive: ['not-after'] }),
    'not-before': moment({ helpGroup: PURPOSE, description: 'default: five minutes ago' }),
    'not-after': moment({ helpGroup: PURPOSE, description: 'in place of --lifetime' }),
    'key-type': keyTypeFlag(ISSUE_CHOICES.keyTypes),
    fault: Flags.custom<FaultName>({
      options: [...ISSUE_CHOICES.faults],
      helpGroup: PURPOSE,
      helpValue: 'NAME',
      description: `break it in one way: ${ISSUE_CHOICES.faults.join(', ')}`,
    })(),
    aia: Flags.string({ multiple: true, helpGroup: PURPOSE, helpValue: 'URL', description: "where the issuer's certificate is" }),
    ocsp: Flags.string({ multiple: true, helpGroup: PURPOSE, helpValue: 'URL', description: 'OCSP responder' }),
    cdp: Flags.string({ multiple: true, helpGroup: PURPOSE, helpValue: 'URL', description: 'where the revocation list is' }),
    'must-staple': Flags.boolean({ helpGroup: PURPOSE, description: 'the server must staple OCSP (RFC 7633)' }),
    out: Flags.string({ char: 'o', helpGroup: FILES, helpValue: 'DIR', description: 'folder for the files (default: the current one)' }),
    as: Flags.string({ helpGroup: FILES, helpValue: 'NAME', description: 'first part of the file names (default: the first name)' }),
    format: Flags.custom<OutputFormat>({
      options: [...ISSUE_CHOICES.formats],
      helpGroup: FILES,
      helpValue: 'FORMAT',
      description: `${ISSUE_CHOICES.formats.join(', ')} (default: pem)`,
    })(),
    'passphrase-file': Flags.string({
      helpGroup: FILES,
      helpValue: 'FILE',
      description: 'passphrase for --format p12 (- standard input, fd:3 a descriptor; default: asked for, or made up, into a file)',
    }),
    force: Flags.boolean({ helpGroup: FILES, description: 'overwrite existing files' }),
    'print-config': Flags.custom<ConfigTarget>({
      options: [...ISSUE_CHOICES.configTargets],
      helpGroup: FILES,
      helpValue: 'PROGRAM',
      description: `how to use the files: ${ISSUE_CHOICES.configTargets.join(', ')}`,
    })(),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Issue);
    const { folder, places } = caPlaces(flags['ca-dir']);
    const profile: LeafProfile = flags.server ? 'server' : flags.client ? 'client' : flags['ocsp-responder'] ? 'ocsp-responder' : 'peer';
    const settings = {
      folder,
      profile,
      keyType: flags['key-type'] ?? 'p256',
      lifetimeSeconds: flags.lifetime,
      notBefore: flags['not-before'],
      notAfter: flags['not-after'],
      organization: flags.organization,
      aia: flags.aia,
      ocsp: flags.ocsp,
      cdp: flags.cdp,
      mustStaple: flags['must-staple'],
      out: flags.out ?? '.',
      force: flags.force ?? false,
      now: localNow(),
    } as const;
    if (flags.batch !== undefined) return this.#batch(flags.batch, argv as string[], settings, places);
    const java = flags['print-config'] === 'java' ? 'p12' : undefined;
    const format = flags.format ?? java ?? 'pem';
    const options: IssueOptions = {
      ...settings,
      names: argv as string[],
      k8s: flags.k8s ?? [],
      spiffe: flags.spiffe,
      as: flags.as,
      format,
      csr: flags.csr,
      fault: flags.fault,
      printConfig: flags['print-config'],
      passphrase: await this.#passphrase(format, flags['passphrase-file']),
    };
    if (options.passphrase !== undefined && options.format !== 'p12') {
      throw new TlsmedicError(
        'usage',
        '--passphrase-file belongs to --format p12: PEM keys are written unencrypted, readable by you alone',
        {
          kind: 'usage',
          next: ['add --format p12, or leave --passphrase-file out'],
        },
      );
    }
    const document = issue(options);
    const { config } = document;
    this.finish({
      document,
      render: (view) => {
        if (config === null) return renderIssue(document, view, places);
        // The configuration is the answer, so that it can be sent into a file; what was issued is said beside it.
        this.notice(
          `${renderIssue(document, { ...view, style: this.terminal.errorStyle }, places)}\n\n# ${configTitle(config.target as ConfigTarget)}`,
        );
        return config.text;
      },
      exitStatus: 0,
    });
  }

  /** That of the file; for a key store also asked of a person at a terminal; undefined where one is to be made up. */
  async #passphrase(format: OutputFormat, file: string | undefined): Promise<string | undefined> {
    if (file !== undefined) return readPassphrase(file);
    if (format !== 'p12' || !this.terminal.mayPrompt) return undefined;
    const { askSecret } = await import('../lib/cli/prompt.js');
    const answer = await askSecret(this.terminal, {
      message: 'passphrase for the key store (empty: make one up)',
      instead: '--passphrase-file FILE',
      repeat: true,
      check: (typed) => passphraseProblem(typed) ?? true,
    });
    return answer === '' ? undefined : answer;
  }

  async #batch(file: string, names: readonly string[], settings: Omit<IssueBatchOptions, 'file' | 'now'>, places: Places): Promise<void> {
    if (names.length > 0)
      throw new TlsmedicError('usage', `${names[0]} and --batch do not go together: the names are in the file`, { kind: 'usage' });
    const { interruption } = this;
    const { errorStyle, mayAnimate } = this.terminal;
    const view = { style: errorStyle, width: Math.min(80, this.terminal.width), verbose: false };
    const document = await issueBatch({
      ...settings,
      file,
      now: localNow,
      signal: interruption,
      ...(mayAnimate
        ? { progress: (done: number, of: number) => writeError(`\r\x1b[K${done < of ? renderProgress(done, of, view) : ''}`) }
        : {}),
    });
    this.finish({
      document,
      render: (target) => renderIssueBatch(document, target, places),
      exitStatus: document.failed.length > 0 ? EXIT.usage : EXIT.healthy,
    });
  }
}
