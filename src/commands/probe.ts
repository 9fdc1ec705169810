import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../lib/cause.js';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { handshakeFlags, sharedFlags } from '../lib/cli/flags.js';
import { flagsText } from '../lib/cli/flags-text.js';
import { TlsmedicError } from '../lib/errors.js';
import { readTargets } from '../lib/io/target-list.js';
import { type ProbeResult, probe } from '../lib/operations/probe.js';
import { probeMany } from '../lib/operations/probe-many.js';
import { probeOptionsOf } from '../lib/operations/probe-options.js';
import { saveCapture, saveKeyLog } from '../lib/operations/save-capture.js';
import { escapeForTerminal } from '../lib/report/escape.js';
import { renderProbe, renderProbeLine } from '../lib/report/probe-text.js';

/** Flags that `diagnose` takes too: shown behind the command that goes on from here. */
const FOR_DIAGNOSE = Object.keys(handshakeFlags);

export default class Probe extends TlsmedicCommand {
  static override summary = 'make a real handshake and show every message of it';
  static override description =
    `Looks without verifying, listens on after the handshake (a TLS 1.3 server refuses a client only then), and verifies the chain by itself
afterwards, so that every defect is known. A client certificate is used only with --cert or --p12; a request is sent only with --http-get or to an http(s) URL.

TARGET is HOST:PORT, [IPv6]:PORT, a URL (https://, postgres://, smtp:// ...) or unix:/path; several at once, or a list in a file.

EXIT STATUS
  0   accepted, and nothing stands against the certificate
  10-21  as of the cause's class (tlsmedic help)
  1   many targets: more than one class of failure`;
  static override examples = [
    { description: 'what goes over the wire', command: 'tlsmedic probe ledger:8443 --ca ca.crt' },
    { description: 'with a client certificate', command: 'tlsmedic probe ledger:8443 --ca ca.crt --cert gw.crt --key gw.key' },
    { description: 'a database', command: 'tlsmedic probe db:5432 --starttls postgres' },
    { description: 'which of the backends is the bad one', command: 'tlsmedic probe api.internal --all-addresses --repeat 20' },
    { description: 'what it would accept', command: 'tlsmedic probe ledger:8443 --scan' },
    { description: 'for Wireshark, decrypted', command: 'tlsmedic probe ledger:8443 --pcap ledger.pcapng' },
    { description: 'many, as data', command: 'tlsmedic probe --targets hosts.txt --json --concurrency 32' },
  ];
  static override strict = false;
  static override args = {
    target: Args.string({ description: 'HOST:PORT, [IPv6]:PORT, URL or unix:/path; several at once' }),
  };
  static override flags = {
    ...handshakeFlags,
    'proxy-protocol': Flags.string({
      options: ['v1', 'v2'],
      helpGroup: 'HOW TO CONNECT',
      description: 'begin with this PROXY protocol header, as a load balancer does',
    }),
    at: sharedFlags.at,
    timeout: sharedFlags.timeout,
    deadline: sharedFlags.deadline,
    'http-get': Flags.string({ helpValue: 'PATH', description: 'send one small GET after the handshake, to provoke an answer' }),
    'quiet-window': Flags.integer({
      helpValue: 'MS',
      min: 0,
      max: 60_000,
      description: 'how long to listen after the handshake (default: by the round trip)',
    }),
    quick: Flags.boolean({ description: 'one handshake only: no further looks at SNI, resumption, OCSP' }),
    'all-addresses': Flags.boolean({ description: 'a handshake with every address of the name' }),
    repeat: Flags.integer({ helpValue: 'N', min: 2, max: 10_000, description: 'make the handshake N times and count the answers' }),
    scan: Flags.boolean({
      description: 'which versions, suites, groups and signature schemes the server takes (some hundred ClientHellos)',
    }),
    'scan-rate': Flags.integer({ helpValue: 'N', min: 1, max: 1000, default: 50, description: 'ClientHellos a second with --scan' }),
    targets: Flags.string({ helpValue: 'FILE', description: 'read targets from a file, one a line (- for standard input)' }),
    concurrency: Flags.integer({ helpValue: 'N', min: 1, max: 1000, default: 16, description: 'targets at the same time' }),
    keylog: Flags.string({ helpValue: 'FILE', description: 'write the TLS secrets (SSLKEYLOGFILE format; mode 0600)' }),
    pcap: Flags.string({ helpValue: 'FILE', description: 'write a capture that Wireshark opens decrypted (pcapng; mode 0600)' }),
    force: sharedFlags.force,
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Probe);
    const targets = [...(argv as string[]), ...(flags.targets === undefined ? [] : await readTargets(flags.targets))];
    if (targets.length === 0) {
      throw new TlsmedicError('usage', 'no target', { kind: 'usage', next: ['tlsmedic probe HOST:PORT', 'tlsmedic probe --targets FILE'] });
    }
    const options = {
      ...(await probeOptionsOf(flags, process.env)),
      // Many targets get one handshake each; one target gets every look.
      facts: !flags.quick && targets.length === 1,
      signal: this.interruption,
      ...(flags.deadline === undefined ? {} : { deadlineSeconds: flags.deadline }),
      ...(flags.scan ? { scan: { rate: flags['scan-rate'] } } : {}),
    };
    const results: ProbeResult[] = [];
    if (targets.length === 1) {
      const typed = flagsText(flags, FOR_DIAGNOSE);
      const result = await probe({ ...options, target: targets[0] as string });
      results.push(result);
      this.save(results, flags);
      this.finish({
        document: result.document,
        render: (view) => renderProbe(result.document, view, typed),
        exitStatus: result.exitStatus,
      });
      return;
    }
    const keep = flags.keylog !== undefined || flags.pcap !== undefined;
    const { terminal } = this;
    const progress = (done: number) => {
      if (terminal.mayAnimate) process.stderr.write(`\r${done} of ${targets.length}`);
    };
    let finished = 0;
    const exitStatus = await probeMany(targets, options, flags.concurrency, (answer, done) => {
      finished = done;
      if (terminal.mayAnimate) process.stderr.write('\r\u001b[K');
      if ('error' in answer) this.notice(`${escapeForTerminal(answer.target)}: ${escapeForTerminal(answer.error)}`);
      else {
        const { result } = answer;
        this.emit(result.document, (view) => renderProbeLine(result.document, view));
        if (keep) results.push(result);
      }
      progress(done);
    });
    if (terminal.mayAnimate) process.stderr.write('\r\u001b[K');
    if (this.interruption.aborted) this.notice(`interrupted: ${finished} of ${targets.length} targets were looked at`);
    this.save(results, flags);
    this.finish({ exitStatus: this.interruption.aborted ? EXIT.interrupted : exitStatus });
  }

  private save(results: readonly ProbeResult[], flags: { keylog?: string | undefined; pcap?: string | undefined; force: boolean }): void {
    const runs = results.flatMap((result) => result.runs);
    if (flags.keylog !== undefined) this.notice(saveKeyLog(flags.keylog, runs, flags.force));
    if (flags.pcap !== undefined) this.notice(saveCapture(flags.pcap, runs, `tlsmedic ${this.config.version}`, flags.force));
  }
}
