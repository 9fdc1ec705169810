import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { sharedFlags } from '../lib/cli/flags.js';
import { TlsmedicError } from '../lib/errors.js';
import { readPassphrase } from '../lib/io/passphrase.js';
import type { HandshakeLimits, TlsVersion } from '../lib/observe/observation.js';
import { type DiagnoseOptions, diagnose } from '../lib/operations/diagnose.js';
import { renderDiagnosis } from '../lib/report/diagnosis-text.js';

const VERSIONS: Record<string, TlsVersion> = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

export default class Diagnose extends TlsmedicCommand {
  static override summary = 'find out why TLS or mTLS fails: the cause, the proof, the command that mends it';
  static override args = { target: Args.string({ description: 'HOST:PORT, [IPv6]:PORT or a URL' }) };
  static override flags = {
    ca: sharedFlags.ca,
    trust: sharedFlags.trust,
    intermediates: sharedFlags.intermediates,
    crl: sharedFlags.crl,
    cert: sharedFlags.cert,
    key: sharedFlags.key,
    p12: sharedFlags.p12,
    'passphrase-file': sharedFlags['passphrase-file'],
    servername: sharedFlags.servername,
    hostname: sharedFlags.hostname,
    'spiffe-id': sharedFlags['spiffe-id'],
    'trust-domain': sharedFlags['trust-domain'],
    connect: sharedFlags.connect,
    starttls: sharedFlags.starttls,
    proxy: sharedFlags.proxy,
    'min-version': sharedFlags['min-version'],
    'max-version': sharedFlags['max-version'],
    ciphers: sharedFlags.ciphers,
    groups: sharedFlags.groups,
    sigalgs: sharedFlags.sigalgs,
    alpn: sharedFlags.alpn,
    'expect-cert': sharedFlags['expect-cert'],
    'expect-mtls': sharedFlags['expect-mtls'],
    at: sharedFlags.at,
    'time-source': Flags.string({
      multiple: true,
      helpValue: 'URL|HOST',
      helpGroup: 'CLOCKS',
      description: 'another clock to compare with: https://host/ (its Date), ntp://host (repeatable)',
    }),
    'no-request': Flags.boolean({ helpGroup: 'HOW TO CONNECT', description: 'never send an HTTP request over the connection' }),
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
    timeout: sharedFlags.timeout,
    deadline: sharedFlags.deadline,
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diagnose);
    if (args.target === undefined)
      throw new TlsmedicError('usage', 'no target', { kind: 'usage', next: ['tlsmedic diagnose HOST:PORT --ca ca.crt'] });
    const result = await diagnose({ ...(await this.options(flags)), target: args.target, signal: this.interruption });
    this.finish({ document: result.document, render: (view) => renderDiagnosis(result.document, view), exitStatus: result.exitStatus });
  }

  private async options(flags: DiagnoseFlags): Promise<Omit<DiagnoseOptions, 'target'>> {
    const limits: HandshakeLimits = {};
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

type DiagnoseFlags = Interfaces.InferredFlags<typeof Diagnose.flags>;

/** Leaves out what was not given, so that defaults stay where they are documented. */
function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
