import { existsSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { duration, handshakeFlags, sharedFlags } from '../lib/cli/flags.js';
import type { Diagnosis } from '../lib/diagnose/diagnosis.js';
import { TlsmedicError } from '../lib/errors.js';
import { existsError, PUBLIC_FILE, writeFileAtomic } from '../lib/io/files.js';
import { readPassphrase } from '../lib/io/passphrase.js';
import { authorityFolder } from '../lib/io/user-folders.js';
import type { HandshakeLimits, TlsVersion } from '../lib/observe/observation.js';
import { CLIENT_PROFILES, clientProfile } from '../lib/operations/client-profiles.js';
import { type DiagnoseOptions, type DiagnoseResult, diagnose, replay } from '../lib/operations/diagnose.js';
import { loadObservation, saveObservation } from '../lib/operations/saved-observation.js';
import { renderDiagnosisHtml } from '../lib/report/diagnosis-html.js';
import { renderDiagnosis, renderDiagnosisLine } from '../lib/report/diagnosis-text.js';

const VERSIONS: Record<string, TlsVersion> = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

export default class Diagnose extends TlsmedicCommand {
  static override summary = 'find out why TLS or mTLS fails: the cause, the proof, the command that mends it';
  static override description =
    `Connects as your program would, then looks again without verification and makes a few more real handshakes, each with one thing changed, until it
can tell what is wrong, which side has to act, and how sure that is. All causes are listed, the weightiest first; "healthy" comes with the list of what
could not be checked. Sends a small GET, or to a mail server that asks for a client certificate the first word of a login (taken back
before a name is asked for), only where the answer decides something; --no-request forbids both.

EXIT STATUS
  0      nothing stands in the way of a handshake
  10-21  the class of the first cause (tlsmedic explain lists them)`;
  static override examples = [
    { description: 'why can nobody reach the ledger?', command: 'tlsmedic diagnose ledger:8443 --ca ca.crt' },
    {
      description: 'with the client certificate that is refused',
      command: 'tlsmedic diagnose ledger:8443 --ca ca.crt --cert gw.crt --key gw.key',
    },
    {
      description: 'was the renewed file ever loaded?',
      command: 'tlsmedic diagnose ledger:8443 --ca ca.crt --expect-cert tls.crt --watch',
    },
    { description: 'would a Java 8 client get through?', command: 'tlsmedic diagnose api.internal --client java8' },
    {
      description: 'for the ticket, and to replay later',
      command: 'tlsmedic diagnose ledger:8443 --html report.html --save-observation seen.json',
    },
  ];
  static override args = { target: Args.string({ description: 'HOST:PORT, [IPv6]:PORT or a URL' }) };
  static override flags = {
    ...handshakeFlags,
    'expect-cert': sharedFlags['expect-cert'],
    'expect-mtls': sharedFlags['expect-mtls'],
    at: sharedFlags.at,
    'time-source': Flags.string({
      multiple: true,
      helpValue: 'URL|HOST',
      helpGroup: 'CLOCKS',
      description: 'another clock to compare with: https://host/ (its Date), ntp://host (repeatable)',
    }),
    'no-request': Flags.boolean({
      helpGroup: 'HOW TO CONNECT',
      description: 'never send a request (HTTP, or the first word of a login) over the connection',
    }),
    'no-fetch': Flags.boolean({
      helpGroup: 'HOW TO CONNECT',
      description: 'ask no address that stands in a certificate (issuer, OCSP, CRL)',
    }),
    'all-addresses': Flags.boolean({ helpGroup: 'HOW TO CONNECT', description: 'look at every address of the name, not at eight at most' }),
    repeat: Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 1000,
      helpGroup: 'HOW TO CONNECT',
      description: 'make the same handshake N times at each address',
    }),
    client: Flags.string({
      options: CLIENT_PROFILES.map(({ name }) => name),
      helpValue: 'NAME',
      helpGroup: 'LIMITS OF THE HANDSHAKE',
      exclusive: ['min-version', 'max-version', 'ciphers', 'groups', 'sigalgs'],
      description: `offer what this client offers: ${CLIENT_PROFILES.map(({ name }) => name).join(', ')}`,
    }),
    from: Flags.string({
      helpValue: 'FILE',
      helpGroup: 'FILES',
      description: 'no handshakes: the same report again from a saved observation',
    }),
    'save-observation': Flags.string({
      helpValue: 'FILE',
      helpGroup: 'FILES',
      description: 'keep what was seen (no keys in it), for --from',
    }),
    html: Flags.string({ helpValue: 'FILE', helpGroup: 'FILES', description: 'write the report as one self-contained page' }),
    watch: Flags.boolean({ helpGroup: 'FILES', description: 'again and again until it is healthy' }),
    interval: duration({ helpGroup: 'FILES', description: 'seconds between two runs of --watch (5)', dependsOn: ['watch'] }),
    force: sharedFlags.force,
    timeout: sharedFlags.timeout,
    deadline: sharedFlags.deadline,
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diagnose);
    const { target } = args;
    if (flags.from !== undefined) {
      if (target !== undefined || flags.watch)
        throw new TlsmedicError('usage', '--from replays what was seen: no target and no --watch with it', {
          kind: 'usage',
          next: ['tlsmedic diagnose --from FILE'],
        });
      this.conclude(replay(loadObservation(flags.from)), flags);
      return;
    }
    if (target === undefined)
      throw new TlsmedicError('usage', 'no target', { kind: 'usage', next: ['tlsmedic diagnose HOST:PORT --ca ca.crt'] });
    // Before any handshake: a report that cannot be written should not be found out at the end.
    for (const file of [flags.html, flags['save-observation']])
      if (file !== undefined && !flags.force && existsSync(file)) throw existsError(file);
    const options = { ...(await this.options(flags)), target, signal: this.interruption };
    if (!flags.watch) {
      const result = await diagnose({ ...options, progress: (soFar) => this.sayHowFar(soFar) });
      this.sayHowFar();
      this.conclude(result, flags);
      return;
    }
    await this.watch(options, flags);
  }

  /** On a terminal, the verdict as far as it is known while experiments go on; erased before the report. */
  private sayHowFar(soFar?: Diagnosis): void {
    if (!this.terminal.mayAnimate) return;
    const first = soFar?.causes[0];
    const words =
      soFar === undefined
        ? ''
        : first === undefined
          ? 'nothing wrong so far, looking further'
          : `so far ${first.code} (${first.confidence}), looking further`;
    process.stderr.write(`\r\u001b[K${words}`);
  }

  /** Repeats until healthy; a line for each run, the whole report when the verdict changes and at the end. */
  private async watch(options: DiagnoseOptions, flags: DiagnoseFlags): Promise<void> {
    const pauseMs = (flags.interval ?? 5) * 1000;
    let said: string | undefined;
    for (;;) {
      const result = await diagnose(options);
      const { document } = result;
      if (document.ok || this.interruption.aborted) {
        this.conclude(result, flags);
        return;
      }
      const verdict = document.causes.map(({ code }) => code).join(', ');
      if (this.terminal.json) this.emit(document);
      else if (!flags.quiet)
        this.emit(document, (view) => (verdict === said ? renderDiagnosisLine(document, view) : renderDiagnosis(document, view)));
      said = verdict;
      await pause(pauseMs, this.interruption);
    }
  }

  private conclude(result: DiagnoseResult, flags: DiagnoseFlags): void {
    const { document } = result;
    if (flags['save-observation'] !== undefined) saveObservation(flags['save-observation'], result.observation, flags.force);
    if (flags.html !== undefined) writeFileAtomic(flags.html, renderDiagnosisHtml(document), { mode: PUBLIC_FILE, force: flags.force });
    this.finish({ document, render: (view) => (flags.quiet ? '' : renderDiagnosis(document, view)), exitStatus: result.exitStatus });
  }

  private async options(flags: DiagnoseFlags): Promise<Omit<DiagnoseOptions, 'target'>> {
    const limits: HandshakeLimits = { ...(flags.client === undefined ? {} : clientProfile(flags.client)?.limits) };
    if (flags['min-version']) limits.minVersion = VERSIONS[flags['min-version']] as TlsVersion;
    if (flags['max-version']) limits.maxVersion = VERSIONS[flags['max-version']] as TlsVersion;
    if (flags.ciphers) limits.ciphers = flags.ciphers;
    if (flags.groups) limits.groups = flags.groups;
    if (flags.sigalgs) limits.signatureAlgorithms = flags.sigalgs;
    if (flags.alpn) limits.alpn = flags.alpn;
    const passphrase = flags['passphrase-file'] === undefined ? undefined : await readPassphrase(flags['passphrase-file']);
    const options = {
      ca: flags.ca,
      trust: flags.trust as 'system' | 'mozilla' | 'none' | undefined,
      intermediates: flags.intermediates,
      crl: flags.crl,
      cert: flags.cert,
      key: flags.key,
      p12: flags.p12,
      passphrase,
      expectCert: flags['expect-cert'],
      servername: flags.servername,
      hostname: flags.hostname,
      spiffeId: flags['spiffe-id'],
      trustDomain: flags['trust-domain'],
      connect: flags.connect,
      starttls: flags.starttls,
      proxy: flags.proxy,
      expectMtls: flags['expect-mtls'],
      authorityFolder: authorityFolder({ caDir: process.env.TLSMEDIC_CA_DIR, env: process.env }),
      at: flags.at,
      timeSources: flags['time-source'],
      noRequest: flags['no-request'],
      fetch: !flags['no-fetch'],
      allAddresses: flags['all-addresses'],
      repeat: flags.repeat,
      timeoutSeconds: flags.timeout,
      deadlineSeconds: flags.deadline,
    };
    return { limits, ...definedOnly(options) };
  }
}

type DiagnoseFlags = Interfaces.InferredFlags<typeof Diagnose.flags & typeof TlsmedicCommand.baseFlags>;

/** Waits, or ends early when interrupted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Leaves out what was not given, so that defaults stay where they are documented. */
function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
