import type { Expect, PreflightConfig, TargetEntry } from '../../preflight/config-schema.js';

/** A run without a file: what the flags of `preflight` say, in the words of the file. */
export interface TargetFlags {
  target: readonly string[];
  ca?: string[] | undefined;
  trust?: string | undefined;
  crl?: string[] | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  p12?: string | undefined;
  passphraseFile?: string | undefined;
  servername?: string | undefined;
  starttls?: string | undefined;
  spiffeId?: string | undefined;
  trustDomain?: string | undefined;
  expectCert?: string | undefined;
  expectMtls?: boolean | undefined;
  minVersion?: string | undefined;
  remaining?: string | undefined;
  /** A duration as the file writes it. */
  timeout?: string | undefined;
}

/** The configuration that the flags stand for; revocation fails open when a list was given, since somebody who gives one wants it looked at. */
export function configFromTargets(flags: TargetFlags): PreflightConfig {
  const expect: Expect = {
    ...(flags.expectMtls === true ? { mtls: 'required' } : {}),
    ...defined('spiffeId', flags.spiffeId),
    ...defined('trustDomain', flags.trustDomain),
    ...defined('servedCertificate', flags.expectCert),
    ...defined('minVersion', flags.minVersion as Expect['minVersion']),
    ...defined('remaining', flags.remaining),
    ...(flags.crl === undefined ? {} : { revocation: 'fail-open' }),
  };
  const settings: Omit<TargetEntry, 'endpoint' | 'files'> = {
    expect,
    ...defined('ca', flags.ca),
    ...defined('trust', flags.trust as TargetEntry['trust']),
    ...defined('crl', flags.crl),
    ...defined('servername', flags.servername),
    ...defined('starttls', flags.starttls),
    ...defined('timeout', flags.timeout),
    ...(flags.cert === undefined && flags.p12 === undefined
      ? {}
      : {
          client: {
            ...defined('cert', flags.cert),
            ...defined('key', flags.key),
            ...defined('p12', flags.p12),
            ...defined('passphraseFile', flags.passphraseFile),
          },
        }),
  };
  return { targets: [...new Set(flags.target)].map((endpoint) => ({ endpoint, ...settings })) };
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
