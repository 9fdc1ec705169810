/** What a container may hold, and what reading one gives. Key bytes never stand here: a private key is only facts and its public half. */

/** Bounds on hostile input; every reader of this folder keeps to them. */
export const CONTAINER_LIMITS = {
  /** Bytes of one input. */
  bytes: 64 * 1024 * 1024,
  /** Bytes of a YAML or JSON text that is parsed as structure. */
  structuredBytes: 8 * 1024 * 1024,
  /** Items of one input. */
  items: 20_000,
  /** Container in container: Secret > base64 > PKCS#12 > certificate is four. */
  depth: 6,
  /** Rounds of PBKDF2 that are worth waiting for: eight times what OWASP asks for, some two seconds. */
  derivationRounds: 5_000_000,
  /** The same for PKCS#12's own derivation, which is slower here. */
  pkcs12Rounds: 1_000_000,
  /** Rounds that are spent on a guess nobody asked for: the empty passphrase. */
  guessRounds: 100_000,
  /** Passphrases tried. */
  passphrases: 8,
} as const;

/** Where in its input an item lies, outermost first: `['Secret default/web', 'tls.crt']`; `line` is 1-based and of the innermost text. */
export interface Place {
  path: readonly string[];
  line?: number;
}

/** Why the public half of a private key could not be had. */
export type KeyLock =
  /** Encrypted and no passphrase was given. */
  | 'passphrase-needed'
  /** Encrypted and none of the given passphrases opens it. */
  | 'wrong-passphrase'
  /** A cipher or format that is not known here. */
  | 'unsupported'
  /** The bytes are no key. */
  | 'damaged';

/** A private key without its secret. */
export interface PrivateKeyFacts {
  /** `PKCS#8`, `PKCS#1`, `SEC 1`, `OpenSSH`... */
  format: string;
  encrypted: boolean;
  /** How it is encrypted, in words: `PBES2, PBKDF2 HMAC-SHA256 600000 rounds, AES-256-CBC`. */
  encryption?: string;
  /** SubjectPublicKeyInfo DER of its public half. */
  spki?: Uint8Array;
  lock?: KeyLock;
  /** What is wrong, one sentence without key bytes. */
  problem?: string;
}

export type ContainedItem = { place: Place /** Alias or friendly name that the container gives. */; alias?: string } & (
  | {
      kind: 'certificate';
      der: Uint8Array /** Stands there as a trust anchor (`TRUSTED CERTIFICATE`, a trustedCertEntry). */;
      trusted?: boolean;
      /** The end is cut off: `der` was filled up with so many zeros, so that the start can be read. */
      missingBytes?: number;
    }
  | { kind: 'certificate-request'; der: Uint8Array }
  | { kind: 'crl'; der: Uint8Array }
  | { kind: 'ocsp-response'; der: Uint8Array }
  | { kind: 'private-key'; key: PrivateKeyFacts }
  | { kind: 'public-key'; spki: Uint8Array }
  /** Something of the field that has no certificate or key in it: EC or DH parameters, a secret key of a key store. */
  | { kind: 'other'; what: string }
  /** Was meant to be something and cannot be read. */
  | { kind: 'damaged'; what: string; problem: string; next?: string }
);

/** Something worth saying about the form of a container. `refused` when OpenSSL (and so Node, nginx...) would not read it so. */
export interface Remark {
  level: 'note' | 'refused';
  place: Place;
  text: string;
  next?: string;
}

/** What an input is when it is nothing of PKI. */
export interface InsteadOf {
  /** `an HTML page`, `empty`. */
  what: string;
  why?: string;
  next?: string;
}

export interface ContainerReading {
  /** What it is, outermost first: `['Kubernetes Secret', 'PEM']`. */
  formats: string[];
  items: ContainedItem[];
  remarks: Remark[];
  /** Set only when nothing was found. */
  instead?: InsteadOf;
  /** Whether a (right) passphrase would show more. */
  locked?: 'passphrase-needed' | 'wrong-passphrase';
  /** A bound was reached: what is shown is not all. */
  truncated?: string;
}

/** What the caller gives besides the bytes. */
export interface ReadOptions {
  /** Tried in order on everything encrypted; the empty passphrase is always tried first where the format has one. */
  passphrases: readonly string[];
}

/** Collects a reading; nested readers share one, so that the bounds hold for the whole input. */
export class Collector {
  readonly reading: ContainerReading = { formats: [], items: [], remarks: [] };
  readonly options: ReadOptions;

  constructor(options: ReadOptions) {
    this.options = { passphrases: options.passphrases.slice(0, CONTAINER_LIMITS.passphrases) };
  }

  /** Adds an item; false when the bound is reached and the caller should stop. */
  add(item: ContainedItem): boolean {
    if (this.reading.items.length >= CONTAINER_LIMITS.items) {
      this.reading.truncated = `more than ${CONTAINER_LIMITS.items} items`;
      return false;
    }
    if (item.kind === 'private-key' && item.key.lock !== undefined) this.lock(item.key.lock);
    this.reading.items.push(item);
    return true;
  }

  format(name: string): void {
    if (!this.reading.formats.includes(name) && this.reading.formats.length < 16) this.reading.formats.push(name);
  }

  remark(level: Remark['level'], place: Place, text: string, next?: string): void {
    if (this.reading.remarks.length < 1000) this.reading.remarks.push({ level, place, text, ...(next === undefined ? {} : { next }) });
  }

  lock(reason: KeyLock): void {
    if (reason === 'wrong-passphrase') this.reading.locked = reason;
    else if (reason === 'passphrase-needed') this.reading.locked ??= reason;
  }
}
