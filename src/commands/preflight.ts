import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { duration, sharedFlags } from '../lib/cli/flags.js';
import { TlsmedicError } from '../lib/errors.js';
import { readFileIfThere } from '../lib/io/files.js';
import { configFromTargets } from '../lib/operations/preflight/config-from-targets.js';
import { runPreflight } from '../lib/operations/preflight/run-preflight.js';
import { savePreflightReports } from '../lib/operations/preflight/save-reports.js';
import { parseShard } from '../lib/operations/preflight/shard.js';
import { escapeForTerminal } from '../lib/report/escape.js';
import { renderGithubAnnotations } from '../lib/report/github-actions.js';
import { renderPreflight } from '../lib/report/preflight-text.js';
import { formatDuration } from '../lib/time-text.js';

const DEFAULT_FILES = ['tlsmedic.yaml', 'tlsmedic.yml', 'tlsmedic.json'];
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
    target: Flags.string({ multiple: true, helpValue: 'HOST:PORT', description: 'check this endpoint, without a file (repeatable)' }),
    ca: sharedFlags.ca,
    trust: sharedFlags.trust,
    crl: sharedFlags.crl,
    cert: sharedFlags.cert,
    key: sharedFlags.key,
    p12: sharedFlags.p12,
    'passphrase-file': sharedFlags['passphrase-file'],
    servername: sharedFlags.servername,
    starttls: sharedFlags.starttls,
    'spiffe-id': sharedFlags['spiffe-id'],
    'trust-domain': sharedFlags['trust-domain'],
    'expect-cert': sharedFlags['expect-cert'],
    'expect-mtls': sharedFlags['expect-mtls'],
    'min-version': sharedFlags['min-version'],
    remaining: Flags.string({ helpValue: 'SHARE|DURATION', description: 'lifetime that must be left: 25% or 7d' }),
    timeout: duration({ description: 'seconds for each network step' }),
    junit: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write JUnit XML' }),
    sarif: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write SARIF 2.1.0' }),
    gitlab: Flags.string({ helpValue: 'FILE', helpGroup: REPORTS, description: 'write a GitLab code quality report' }),
    concurrency: Flags.integer({ min: 1, max: 1000, default: 32, helpGroup: SCALE, description: 'targets at the same time' }),
    'per-host': Flags.integer({ min: 1, max: 1000, default: 8, helpGroup: SCALE, description: 'of them at most this many on one host' }),
    rate: Flags.integer({ min: 1, max: 10_000, helpGroup: SCALE, description: 'targets a second for one host' }),
    retries: Flags.integer({ min: 0, max: 10, helpGroup: SCALE, description: 'further attempts after network trouble (default 1)' }),
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
    if (flags.target !== undefined && args.file !== undefined) {
      throw new TlsmedicError('usage', 'a file and --target', {
        kind: 'usage',
        why: 'targets come from one of them',
        next: ['put the target into the file, or leave the file out'],
      });
    }
    const chosen =
      flags.target === undefined
        ? { configPath: args.file ?? defaultFile() }
        : {
            config: configFromTargets({
              ...flags,
              target: flags.target,
              passphraseFile: flags['passphrase-file'],
              spiffeId: flags['spiffe-id'],
              trustDomain: flags['trust-domain'],
              expectCert: flags['expect-cert'],
              expectMtls: flags['expect-mtls'],
              minVersion: flags['min-version'],
              timeout: flags.timeout === undefined ? undefined : formatDuration(flags.timeout),
            }),
          };
    const report = await runPreflight({
      ...chosen,
      concurrency: flags.concurrency,
      perHost: flags['per-host'],
      ...(flags.rate === undefined ? {} : { ratePerHost: flags.rate }),
      ...(flags.retries === undefined ? {} : { retries: flags.retries }),
      ...(flags.shard === undefined ? {} : { shard: parseShard(flags.shard, process.env.JOB_COMPLETION_INDEX) }),
      ...(flags.resume === undefined ? {} : { resume: flags.resume }),
      signal: this.interruption,
      sumsOnly:
        streaming &&
        [flags.junit, flags.sarif, flags.gitlab, process.env.GITHUB_STEP_SUMMARY, process.env.GITHUB_ACTIONS].every(
          (one) => one === undefined,
        ),
      onResult: (result, { done, total }) => {
        if (streaming) this.emit(result);
        if (terminal.mayAnimate) process.stderr.write(`\r\u001b[K${done} of ${total}  ${escapeForTerminal(result.name).slice(0, 60)}`);
      },
    });
    if (terminal.mayAnimate) process.stderr.write('\r\u001b[K');
    const configPath = 'configPath' in chosen && chosen.configPath !== '-' ? chosen.configPath : undefined;
    savePreflightReports(report, {
      junit: flags.junit,
      sarif: flags.sarif,
      gitlab: flags.gitlab,
      githubSummary: process.env.GITHUB_STEP_SUMMARY,
      ...(configPath === undefined ? {} : { configPath }),
    });
    if (process.env.GITHUB_ACTIONS === 'true')
      for (const line of renderGithubAnnotations(report, configPath)) process.stderr.write(`${line}\n`);
    // The lines have been printed already: the document that ends the stream holds the sums.
    if (streaming) this.emit({ ...report, results: [] } as typeof report);
    this.finish({ ...(streaming ? {} : { render: (view) => renderPreflight(report, view) }), exitStatus: report.exitStatus });
  }
}

function defaultFile(): string {
  const found = DEFAULT_FILES.find((name) => readFileIfThere(name) !== undefined);
  if (found !== undefined) return found;
  throw new TlsmedicError('no-config', 'there is no tlsmedic.yaml here', {
    kind: 'usage',
    next: ['tlsmedic preflight init HOST:PORT writes one', 'tlsmedic preflight FILE', 'tlsmedic preflight --target HOST:PORT'],
  });
}
