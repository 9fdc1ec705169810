import type { CauseClass, CauseCode, Party } from '../cause.js';

/**
 * A world is a server with one thing wrong (or nothing, or several), a client that meets it, and the verdict that must come out.
 * Everything in it is made at run time: keys, certificates, servers on loopback. No network, no other program.
 */
export interface World {
  /** Unique, kebab-case: `expired`, `client-cert-required-go`. */
  name: string;
  /** What is wrong, one line for people. */
  title: string;
  expected: Expectation;
  /** TLS versions it is run on, each for itself; a single entry where the version plays no part. */
  versions: readonly LabVersion[];
  /** Whose behaviour is imitated: `node`, `openssl`, `go`, `nginx`, `gnutls`, `jsse`, `nss`, or `none` for what is no TLS at all. */
  stack: string;
  /** Shown by `demo` without --all: one world a lesson. */
  demo?: boolean;
  start(lab: LabContext, version: LabVersion): Promise<RunningWorld>;
}

export type LabVersion = 'TLSv1.2' | 'TLSv1.3';

export type Expectation =
  | { outcome: 'healthy' /** Warnings that must be there all the same. */; warnings?: readonly CauseCode[] }
  | {
      outcome: 'broken';
      class: CauseClass;
      code: CauseCode;
      party: Party;
      /** Others who may as well be told to act. */
      orParty?: readonly Party[];
      /** Other first codes that are as right, where the wire cannot tell them apart. */
      accept?: readonly CauseCode[];
      /** Codes that must be found besides the first. */
      also?: readonly CauseCode[];
    };

/** What worlds are made with. */
export interface LabContext {
  /** A directory of its own for the world's files (mode 0700), removed by the lab's `close`. */
  directory: string;
  /** The time that certificates are made for, milliseconds since 1970. */
  now: number;
}

/** Flags of `diagnose`, named as in the contract without the dashes; files are absolute paths. */
export interface WorldFlags {
  ca?: string[];
  trust?: 'system' | 'mozilla' | 'none';
  intermediates?: string[];
  crl?: string[];
  cert?: string;
  key?: string;
  p12?: string;
  passphraseFile?: string;
  servername?: string;
  hostname?: string;
  spiffeId?: string;
  trustDomain?: string;
  connect?: string;
  starttls?: string;
  minVersion?: '1.0' | '1.1' | '1.2' | '1.3';
  maxVersion?: '1.0' | '1.1' | '1.2' | '1.3';
  ciphers?: string;
  groups?: string;
  sigalgs?: string;
  alpn?: string;
  expectCert?: string;
  expectMtls?: boolean;
  /** Further time sources, as `--time-source` takes them. */
  timeSource?: string[];
  repeat?: number;
  timeout?: number;
}

export interface RunningWorld {
  /** HOST:PORT as it would be typed. */
  target: string;
  flags: WorldFlags;
  /** Address and port to play with: `127.0.0.1:41234`. */
  endpoint: string;
  /** The line that mends it in real life. */
  fix: string;
  /** Applies the fix here: new certificate and reload, other settings, or other flags. Afterwards a diagnosis must be healthy. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** `--ca FILE --cert FILE ...` for a world's flags, as a program would pass them. */
export function argvOf(flags: WorldFlags): string[] {
  const argv: string[] = [];
  for (const [name, value] of Object.entries(flags) as [string, string | string[] | boolean | number | undefined][]) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) continue;
    if (value === true) argv.push(flag);
    else for (const one of Array.isArray(value) ? value : [String(value)]) argv.push(flag, one);
  }
  return argv;
}
