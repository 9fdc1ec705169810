/** Diagnosing a world of the lab: its flags as options, and the diagnosis held against what the world is. */
import { classOf } from '../cause.js';
import type { Diagnosis } from '../diagnose/diagnosis.js';
import { readText } from '../io/files.js';
import type { Expectation, RunningWorld, WorldFlags } from '../lab/world.js';
import type { HandshakeLimits, TlsVersion } from '../observe/observation.js';
import type { DiagnoseOptions } from './diagnose.js';

const VERSIONS: Record<'1.0' | '1.1' | '1.2' | '1.3', TlsVersion> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/** What `tlsmedic diagnose` would be given in this world. */
export function optionsForWorld({ target, flags }: RunningWorld): DiagnoseOptions {
  const { passphraseFile, minVersion, maxVersion, ciphers, groups, sigalgs, alpn, connect, timeout, timeSource, ...same } = flags;
  const place = /^(.*):(\d+)$/.exec(connect ?? '');
  return {
    target,
    ...same,
    limits: limitsOf({ minVersion, maxVersion, ciphers, groups, sigalgs, alpn } as WorldFlags),
    ...(place === null ? {} : { connect: { host: place[1] ?? '', port: Number(place[2]) } }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(timeSource === undefined ? {} : { timeSources: timeSource }),
    ...(passphraseFile === undefined ? {} : { passphrase: readText(passphraseFile).split('\n', 1)[0] ?? '' }),
  };
}

function limitsOf({ minVersion, maxVersion, ciphers, groups, sigalgs, alpn }: WorldFlags): HandshakeLimits {
  return {
    ...(minVersion === undefined ? {} : { minVersion: VERSIONS[minVersion] }),
    ...(maxVersion === undefined ? {} : { maxVersion: VERSIONS[maxVersion] }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(groups === undefined ? {} : { groups }),
    ...(sigalgs === undefined ? {} : { signatureAlgorithms: sigalgs }),
    ...(alpn === undefined ? {} : { alpn: alpn.split(',') }),
  };
}

/** Whether a diagnosis is right about its world. */
export interface WorldVerdict {
  right: boolean;
  /** What was said: `expiry/expired`, `healthy`. */
  said: string;
  wanted: string;
  /** What is wrong with it, one phrase each. */
  faults: string[];
}

/** Holds a diagnosis against what is known of the world. A wrong thing said with certainty is a fault of its own. */
export function judgeDiagnosis(expected: Expectation, { causes, warnings }: Pick<Diagnosis, 'causes' | 'warnings'>): WorldVerdict {
  const first = causes[0];
  const said = first === undefined ? 'healthy' : `${first.class}/${first.code}`;
  const faults: string[] = [];
  if (expected.outcome === 'healthy') {
    if (first !== undefined) faults.push(`false alarm: ${said}, ${first.confidence}`);
    for (const code of expected.warnings ?? []) if (!warnings.some((one) => one.code === code)) faults.push(`no warning ${code}`);
    return { right: faults.length === 0, said, wanted: 'healthy', faults };
  }
  const wanted = `${expected.class}/${expected.code}`;
  const accepted: readonly string[] = [expected.code, ...(expected.accept ?? [])];
  if (first === undefined) faults.push('called healthy');
  else {
    if (!accepted.includes(first.code)) faults.push(`said ${said}`);
    else if (first.code === expected.code && first.party !== expected.party && expected.orParty?.includes(first.party) !== true)
      faults.push(`said the ${first.party} has to act, it is the ${expected.party}`);
    const known = new Set<string>([...accepted, ...(expected.also ?? [])]);
    for (const cause of causes)
      if (cause.confidence === 'certain' && !known.has(cause.code)) faults.push(`certain of ${cause.class}/${cause.code}, which is not so`);
  }
  for (const code of expected.also ?? [])
    if (!causes.some((one) => one.code === code)) faults.push(`did not find ${classOf(code)}/${code}`);
  return { right: faults.length === 0, said, wanted, faults };
}
