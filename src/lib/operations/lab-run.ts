import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../diagnose/diagnosis.js';
import type { LabVersion, World, WorldFlags } from '../lab/world.js';
import type { HandshakeLimits, Observation, TlsVersion } from '../observe/observation.js';
import { type DiagnoseOptions, diagnose } from './diagnose.js';

/** What came of one world on one TLS version. */
export interface LabResult {
  world: World;
  version: LabVersion;
  /** `healthy`, or the first cause. */
  expected: string;
  found: string;
  /** The first code is the expected one, or one that is as right; a healthy world has no cause. */
  codeRight: boolean;
  classRight: boolean;
  /** The party that has to act is the expected one. */
  partyRight: boolean;
  /** A cause was called certain that is not what is wrong. */
  wronglyCertain: string[];
  /** Codes that should have been found besides, or warnings, and were not. */
  missing: string[];
  document: Diagnosis;
  observation: Observation;
  milliseconds: number;
}

const VERSIONS: Record<string, TlsVersion> = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

/** The options of a diagnosis from the flags of a world. */
export function optionsOf(target: string, flags: WorldFlags): DiagnoseOptions {
  const { minVersion, maxVersion, ciphers, groups, sigalgs, alpn, connect, timeSource, timeout, passphraseFile, ...same } = flags;
  const limits: HandshakeLimits = {
    ...(minVersion !== undefined && { minVersion: VERSIONS[minVersion] as TlsVersion }),
    ...(maxVersion !== undefined && { maxVersion: VERSIONS[maxVersion] as TlsVersion }),
    ...(ciphers !== undefined && { ciphers }),
    ...(groups !== undefined && { groups }),
    ...(sigalgs !== undefined && { signatureAlgorithms: sigalgs }),
    ...(alpn !== undefined && { alpn: alpn.split(',') }),
  };
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(connect ?? '') ?? [];
  return {
    ...same,
    target,
    limits,
    ...(host !== undefined && port !== undefined && { connect: { host, port: Number(port) } }),
    ...(timeSource !== undefined && { timeSources: timeSource }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
    ...(passphraseFile !== undefined && { passphraseFile }),
  } as DiagnoseOptions;
}

/** Runs a world on one version through a diagnosis, in this process. */
export async function runWorld(world: World, version: LabVersion, read: (file: string) => Promise<string>): Promise<LabResult> {
  const directory = await mkdtemp(join(tmpdir(), 'tlsmedic-lab-'));
  const running = await world.start({ directory, now: Date.now() }, version);
  const previous = process.env.TLSMEDIC_CLOCK_OFFSET;
  try {
    const { clockOffset } = running.flags as WorldFlags & { clockOffset?: number };
    if (clockOffset !== undefined) process.env.TLSMEDIC_CLOCK_OFFSET = String(clockOffset);
    const started = performance.now();
    const options = optionsOf(running.target, running.flags);
    if (running.flags.passphraseFile !== undefined) options.passphrase = (await read(running.flags.passphraseFile)).split('\n')[0] ?? '';
    const { document, observation } = await diagnose(options);
    return { ...judgeWorld(world, version, document), observation, milliseconds: performance.now() - started };
  } finally {
    if (previous === undefined) delete process.env.TLSMEDIC_CLOCK_OFFSET;
    else process.env.TLSMEDIC_CLOCK_OFFSET = previous;
    await running.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Compares a document with what the world says must come out. */
export function judgeWorld(world: World, version: LabVersion, document: Diagnosis): Omit<LabResult, 'observation' | 'milliseconds'> {
  const { expected } = world;
  const [first] = document.causes;
  const found = first === undefined ? 'healthy' : `${first.class}/${first.code}`;
  if (expected.outcome === 'healthy') {
    const missing = (expected.warnings ?? []).filter((code) => !document.warnings.some((warning) => warning.code === code));
    return {
      world,
      version,
      expected: 'healthy',
      found,
      document,
      missing,
      codeRight: first === undefined,
      classRight: first === undefined,
      partyRight: true,
      wronglyCertain: document.causes.filter(({ confidence }) => confidence === 'certain').map(({ code }) => code),
    };
  }
  const right = new Set<string>([expected.code, ...(expected.accept ?? [])]);
  const allowed = new Set<string>([...right, ...(expected.also ?? [])]);
  const all = [...document.causes, ...document.warnings];
  return {
    world,
    version,
    expected: `${expected.class}/${expected.code}`,
    found,
    document,
    codeRight: first !== undefined && right.has(first.code),
    classRight: first !== undefined && (first.class === expected.class || right.has(first.code)),
    partyRight: first?.party === expected.party,
    wronglyCertain: document.causes
      .filter(({ confidence, code }) => confidence === 'certain' && !allowed.has(code))
      .map(({ code }) => code),
    missing: (expected.also ?? []).filter((code) => !all.some((cause) => cause.code === code)),
  };
}
