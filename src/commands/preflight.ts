import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { duration, sharedFlags, VERSIONS } from '../lib/cli/flags.js';
import { environmentNameOf } from '../lib/cli/outside-values.js';
import { TlsmedicError } from '../lib/errors.js';
import { readFileIfThere } from '../lib/io/files.js';
import { configFromTargets } from '../lib/operations/preflight/config-from-targets.js';
import { runPreflight } from '../lib/operations/preflight/run-preflight.js';
import { savePreflightReports } from '../lib/operations/preflight/save-reports.js';
import { parseShard } from '../lib/operations/preflight/shard.js';
import type { PreflightConfig } from '../lib/preflight/config-schema.js';
import type { PreflightReport } from '../lib/preflight/expectation.js';
import { escapeForTerminal } from '../lib/report/escape.js';
import { renderGithubAnnotations } from '../lib/report/github-actions.js';
import { renderPreflight } from '../lib/report/preflight-text.js';

const DEFAULT_FILES = ['tlsmedic.yaml', 'tlsmedic.yml', 'tlsmedic.json'];
const WITHOUT_FILE = 'WITHOUT A FILE';
const REPORTS = 'REPORTS';
const SCALE = 'MANY TARGETS';

export default class Preflight extends TlsmedicCommand {
  static override summary = 'fail before the certificate does: check endpoints and files against what is expected of them';
  static override description =
    `Reads a file of targets and expectations (YAML or JSON; tlsmedic.yaml by default), checks each with real handshakes, and exits with the
status of what failed. What could not be checked is never green. Without a file: --target HOST:PORT.

EXIT STATUS
  0      everything was checked and holds
  10-21  one class of cause failed (tlsmedic help)
  1      several classes, or something could not be checked
  2      the file cannot be used: nothing was checked`;
  static override examples = [
    { description: 'write a file to start from', command: 'tlsmedic preflight init ledger:8443 --ca ca.crt' },
    { description: 'before a deploy, every night', command: 'tlsmedic preflight' },
    { description: 'without a file', command: 'tlsmedic preflight --target ledger:8443 --ca ca.crt --expect-mtls --remaining 25%' },
    { description: 'for code scanning and test reports', command: 'tlsmedic preflight --sarif tls.sarif --junit tls.xml' },
    { description: 'ten thousand targets on several machines', command: 'tlsmedic preflight fleet.yaml --shard 1/8 --json > part1.ndjson' },
    { description: 'and one report of them', command: 'tlsmedic preflight merge part*.ndjson' },
  ];
  static override args = {
    file: Args.string({ description: 'file of targets and expectations (- for standard input)' }),
  };
  static override flags = {
    target: Flags.string({
      multiple: true,
      helpValue: 'HOST:PORT',
      helpGroup: WITHOUT_FILE,
      description: 'check this endpoint, without a file (repeatable)',
    }),
    remaining: Flags.string({ helpValue: 'SHARE|DURATION', helpGroup: WITHOUT_FILE, description: 'lifetime that must be left: 25% or 7d' }),
    'expect-mtls': Flags.boolean({
      helpGroup: WITHOUT_FILE,
      description:
        'clients without a certificate, with an untrusted and an impostor one must be refused; with --authority, expired and server-only ones too',
    }),
    authority: Flags.string({
      helpValue: 'DIR',
      helpGroup: WITHOUT_FILE,
      description: 'folder of a tlsmedic authority that the server trusts for its clients',
    }),
    refuses: Flags.string({
      multiple: true,
      helpValue: 'FILE',
      helpGroup: WITHOUT_FILE,
      description: 'client certificate, with its key in it or beside it, that must be refused (repeatable)',
    }),
    'min-version': Flags.string({
      options: [...VERSIONS],
      helpGroup: WITHOUT_FILE,
      description: 'older TLS versions must be refused',
    }),
    'expect-cert': wanted(sharedFlags['expect-cert']),
    'spiffe-id': wanted(sharedFlags['spiffe-id']),
    'trust-domain': wanted(sharedFlags['trust-domain']),
    hostname: wanted(sharedFlags.hostname),
    servername: wanted(sharedFlags.servername),
    connect: wanted(sharedFlags.connect),
    starttls: wanted(sharedFlags.starttls),
    proxy: wanted(sharedFlags.proxy),
    ca: sharedFlags.ca,
    trust: sharedFlags.trust,
    intermediates: sharedFlags.intermediates,
    crl: sharedFlags.crl,
    cert: sharedFlags.cert,
    key: sharedFlags.key,
    p12: sharedFlags.p12,
    'passphrase-file': sharedFlags['passphrase-file'],
    timeout: duration({ description: 'seconds for each network step, in place of what the file says' }),
    junit: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write JUnit XML' }),
    sarif: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write SARIF 2.1.0' }),
    gitlab: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write a GitLab code quality report' }),
    prometheus: Flags.string({
      helpValue: 'FILE',
      helpGroup: REPORTS,
      description: "write metrics for node_exporter's textfile collector",
    }),
    concurrency: Flags.integer({
      min: 1,
      max: 1000,
      default: 32,
      helpValue: 'N',
      helpGroup: SCALE,
      description: 'targets at the same time',
    }),
    'per-host': Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 1000,
      default: 8,
      helpGroup: SCALE,
      description: 'connections at the same time to one host',
    }),
    rate: Flags.integer({ helpValue: 'N', min: 1, max: 10_000, helpGroup: SCALE, description: 'new connections a second to one host' }),
    retries: Flags.integer({
      helpValue: 'N',
      min: 0,
      max: 10,
      helpGroup: SCALE,
      description: 'further attempts after network trouble (default 1)',
    }),
    shard: Flags.string({
      helpValue: 'i/n',
      helpGroup: SCALE,
      description: 'check one part of the targets; /n takes i from JOB_COMPLETION_INDEX',
    }),
    resume: Flags.string({ helpValue: 'FILE', helpGroup: SCALE, description: 'NDJSON of a run that was cut off: go on behind it' }),
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Preflight);
    const { terminal } = this;
    const streaming = terminal.json;
    const chosen = flags.target === undefined ? { configPath: args.file ?? defaultFile() } : undefined;
    if (chosen !== undefined) this.#refuseTargetFlags(flags, chosen.configPath);
    else if (args.file !== undefined)
      throw new TlsmedicError('usage', 'a file and --target', {
        kind: 'usage',
        why: 'targets come from one of them',
        next: ['put the target into the file, or leave the file out'],
      });
    const reports = { junit: flags.junit, sarif: flags.sarif, gitlab: flags.gitlab, prometheus: flags.prometheus };
    const inActions = process.env.GITHUB_ACTIONS === 'true';
    const summary = process.env.GITHUB_STEP_SUMMARY;
    const report = await runPreflight({
      ...(chosen ?? { config: await this.#configOf(flags) }),
      concurrency: flags.concurrency,
      perHost: flags['per-host'],
      ...(flags.rate === undefined ? {} : { ratePerHost: flags.rate }),
      ...(flags.retries === undefined ? {} : { retries: flags.retries }),
      ...(flags.timeout === undefined ? {} : { timeoutSeconds: flags.timeout }),
      ...(flags.shard === undefined ? {} : { shard: parseShard(flags.shard, process.env.JOB_COMPLETION_INDEX) }),
      ...(flags.resume === undefined ? {} : { resume: flags.resume }),
      signal: this.interruption,
      sumsOnly: streaming && !inActions && summary === undefined && Object.values(reports).every((one) => one === undefined),
      onResult: (result, { done, total }) => {
        if (streaming) this.emit(result);
        if (terminal.mayAnimate) process.stderr.write(`\r\u001b[K${done} of ${total}  ${escapeForTerminal(result.name).slice(0, 60)}`);
      },
    });
    if (terminal.mayAnimate) process.stderr.write('\r\u001b[K');
    const configPath = chosen !== undefined && chosen.configPath !== '-' ? chosen.configPath : undefined;
    if (inActions) for (const line of renderGithubAnnotations(report, configPath)) process.stderr.write(`${line}\n`);
    // The lines have been printed already: the document that ends the stream holds the sums.
    if (streaming) this.emit({ ...report, results: [] } satisfies PreflightReport);
    this.finish({ ...(streaming ? {} : { render: (view) => renderPreflight(report, view) }), exitStatus: report.exitStatus });
    // Behind the verdict: a disk that is full must not cost the results of a long run.
    savePreflightReports(report, { ...reports, githubSummary: summary, ...(configPath === undefined ? {} : { configPath }) });
  }

  /** What belongs to --target and would be ignored beside a file is refused when it was typed, and named when it comes from outside. */
  #refuseTargetFlags(flags: Readonly<Record<string, unknown>>, path: string): void {
    const given = Object.keys(IN_THE_FILE).filter((name) => flags[name] !== undefined && flags[name] !== false);
    const typed = given.find((name) => this.argv.some((token) => token === `--${name}` || token.startsWith(`--${name}=`)));
    const file = path === '-' ? 'the file' : path;
    if (typed !== undefined)
      throw new TlsmedicError('usage', `--${typed} goes with --target, and ${file} says itself what is expected`, {
        kind: 'usage',
        why: 'a flag beside a file would be ignored for some targets, and nobody would notice',
        next: [`in the file: ${IN_THE_FILE[typed]}`, `tlsmedic preflight --target HOST:PORT --${typed} …`],
      });
    for (const name of given)
      this.notice(`${environmentNameOf(name)} or the settings file sets --${name}: not used, ${escapeForTerminal(file)} says it itself`);
  }

  #configOf(flags: TypedFlags): Promise<PreflightConfig> {
    const { connect } = flags;
    return configFromTargets({
      ...flags,
      target: flags.target ?? [],
      connect: connect === undefined ? undefined : `${connect.host.includes(':') ? `[${connect.host}]` : connect.host}:${connect.port}`,
      passphraseFile: flags['passphrase-file'],
      spiffeId: flags['spiffe-id'],
      trustDomain: flags['trust-domain'],
      expectCert: flags['expect-cert'],
      expectMtls: flags['expect-mtls'],
      minVersion: flags['min-version'],
    });
  }
}

/** Flags that describe the targets of --target, and what the file calls them. */
const IN_THE_FILE: Readonly<Record<string, string>> = {
  remaining: 'expect: { remaining: 25% }',
  'expect-mtls': 'expect: { mtls: required }',
  authority: 'authority: DIR',
  refuses: 'expect: { refuses: [FILE] }',
  'min-version': 'expect: { minVersion: "1.2" }',
  'expect-cert': 'expect: { servedCertificate: FILE }',
  'spiffe-id': 'expect: { spiffeId: URI }',
  'trust-domain': 'expect: { trustDomain: NAME }',
  hostname: 'hostname: NAME',
  servername: 'servername: NAME',
  connect: 'connect: HOST:PORT',
  starttls: 'starttls: PROTOCOL',
  proxy: 'proxy: URL',
  ca: 'ca: FILE',
  trust: 'trust: system',
  intermediates: 'intermediates: FILE',
  crl: 'crl: FILE',
  cert: 'client: { cert: FILE, key: FILE }',
  key: 'client: { cert: FILE, key: FILE }',
  p12: 'client: { p12: FILE, passphraseFile: FILE }',
  'passphrase-file': 'client: { p12: FILE, passphraseFile: FILE }',
};

type TypedFlags = Interfaces.InferredFlags<typeof Preflight.flags>;

/** A shared flag that describes a target. */
function wanted<F extends object>(flag: F): F {
  return { ...flag, helpGroup: WITHOUT_FILE };
}
function defaultFile(): string {
  const found = DEFAULT_FILES.find((name) => readFileIfThere(name) !== undefined);
  if (found !== undefined) return found;
  throw new TlsmedicError('no-config', 'there is no tlsmedic.yaml here', {
    kind: 'usage',
    next: ['tlsmedic preflight init HOST:PORT writes one', 'tlsmedic preflight FILE', 'tlsmedic preflight --target HOST:PORT'],
  });
}
