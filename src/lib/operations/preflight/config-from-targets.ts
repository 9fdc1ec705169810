import { TlsmedicError } from '../../errors.js';
import type { AddressKind } from '../../preflight/config-file.js';
import type { PreflightConfig } from '../../preflight/config-schema.js';
import { addressProblem } from './jobs.js';

/** A run without a file: what the flags of `preflight` say, in the words of the file. */
export interface TargetFlags {
  target: readonly string[];
  ca?: string[] | undefined;
  trust?: string | undefined;
  intermediates?: string[] | undefined;
  crl?: string[] | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  p12?: string | undefined;
  passphraseFile?: string | undefined;
  servername?: string | undefined;
  hostname?: string | undefined;
  /** HOST:PORT */
  connect?: string | undefined;
  proxy?: string | undefined;
  starttls?: string | undefined;
  spiffeId?: string | undefined;
  trustDomain?: string | undefined;
  expectCert?: string | undefined;
  expectMtls?: boolean | undefined;
  authority?: string | undefined;
  refuses?: string[] | undefined;
  minVersion?: string | undefined;
  remaining?: string | undefined;
}

/** Where a mistake in the configuration comes from. */
const FLAG_OF: Readonly<Record<string, string>> = {
  remaining: '--remaining',
  spiffeId: '--spiffe-id',
  trustDomain: '--trust-domain',
  servedCertificate: '--expect-cert',
  refuses: '--refuses',
  endpoint: '--target',
  proxy: '--proxy',
  client: '--cert',
};

/**
 * The configuration that the flags stand for. Revocation fails open when a list was given, since somebody who gives one wants it looked at;
 * `--expect-mtls` without the authority of the clients holds the server to the clients that anybody can make.
 * @throws TlsmedicError `usage` naming the flag
 */
export async function configFromTargets(flags: TargetFlags): Promise<PreflightConfig> {
  const { configSchema } = await import('../../preflight/config-schema.js');
  const expect = {
    ...(flags.expectMtls === true ? { mtls: 'required' } : {}),
    ...(flags.expectMtls === true && flags.authority === undefined ? { mtlsClients: ['none', 'untrusted', 'impostor'] } : {}),
    ...defined('refuses', flags.refuses),
    ...defined('spiffeId', flags.spiffeId),
    ...defined('trustDomain', flags.trustDomain),
    ...defined('servedCertificate', flags.expectCert),
    ...defined('minVersion', flags.minVersion),
    ...defined('remaining', flags.remaining),
    ...(flags.crl === undefined ? {} : { revocation: 'fail-open' }),
  };
  const settings = {
    expect,
    ...defined('ca', flags.ca),
    ...defined('trust', flags.trust),
    ...defined('intermediates', flags.intermediates),
    ...defined('crl', flags.crl),
    ...defined('servername', flags.servername),
    ...defined('hostname', flags.hostname),
    ...defined('connect', flags.connect),
    ...defined('proxy', flags.proxy),
    ...defined('starttls', flags.starttls),
    ...defined('authority', flags.authority),
    ...(flags.cert === undefined && flags.key === undefined && flags.p12 === undefined
      ? {}
      : {
          client: {
            ...defined('cert', flags.cert),
            // A certificate without a file for its key has it in its own.
            ...defined('key', flags.key ?? flags.cert),
            ...defined('p12', flags.p12),
            ...defined('passphraseFile', flags.passphraseFile),
          },
        }),
  };
  const parsed = configSchema.safeParse({ targets: [...new Set(flags.target)].map((endpoint) => ({ endpoint, ...settings })) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = issue?.path.findLast((part) => typeof part === 'string' && part in FLAG_OF);
    throw usage(`${FLAG_OF[String(key)] ?? 'the flags'}: ${issue?.message ?? 'cannot be used'}`);
  }
  for (const { endpoint } of parsed.data.targets) {
    const problem = addressProblem('endpoint' satisfies AddressKind, endpoint ?? '');
    if (problem !== undefined) throw usage(`--target: ${problem}`);
  }
  return parsed.data;
}

function usage(message: string): TlsmedicError {
  return new TlsmedicError('usage', message, { kind: 'usage', next: ['tlsmedic preflight --help'] });
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
