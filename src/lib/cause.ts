/**
 * The contract's vocabulary: what can be wrong with a TLS connection, in words that scripts may rely on.
 * Changing a class, a code or an exit status here is a breaking change.
 */

/** Each class answers one question about a failure and has one exit status. */
export const CAUSE_CLASSES = {
  expiry: { exit: 10, codes: ['expired', 'not-yet-valid'] },
  'clock-skew': { exit: 11, codes: ['local-clock-skew', 'peer-clock-skew'] },
  'unknown-authority': { exit: 12, codes: ['self-signed', 'missing-intermediate', 'untrusted-root', 'stale-trust-bundle'] },
  'san-mismatch': { exit: 13, codes: ['san-mismatch', 'no-san'] },
  'protocol-mismatch': { exit: 14, codes: ['version-mismatch', 'cipher-mismatch', 'alpn-mismatch', 'sni-rejected'] },
  'client-auth': {
    exit: 15,
    codes: [
      'client-cert-required',
      'client-cert-expired',
      'client-cert-unknown-ca',
      'client-cert-wrong-purpose',
      'client-cert-rejected',
      'client-key-mismatch',
    ],
  },
  revocation: { exit: 16, codes: ['revoked', 'revocation-unavailable'] },
  'invalid-certificate': {
    exit: 17,
    codes: ['wrong-purpose', 'not-a-ca', 'path-length', 'name-constraint', 'weak-signature', 'weak-key', 'bad-signature', 'malformed'],
  },
  'not-tls': { exit: 18, codes: ['plaintext-http', 'starttls-needed', 'not-tls'] },
  network: { exit: 19, codes: ['dns', 'refused', 'timeout', 'reset'] },
  deployment: { exit: 20, codes: ['stale-served-certificate', 'inconsistent-backends', 'client-auth-not-enforced'] },
  'key-material': { exit: 21, codes: ['key-mismatch', 'bad-pem', 'bad-passphrase', 'file-missing'] },
} as const satisfies Record<string, { exit: number; codes: readonly string[] }>;

/** The question a failure answers: `expiry`, `clock-skew`, ... One exit status each. */
export type CauseClass = keyof typeof CAUSE_CLASSES;
/** One precise cause inside a class. */
export type CauseCode = (typeof CAUSE_CLASSES)[CauseClass]['codes'][number];
/** What a text alone can say when it cannot tell more; a live diagnosis never stops at one of these. */
export type VagueCode = 'expired-or-not-yet-valid' | 'unknown-authority' | 'handshake-failure';

/** Exit statuses that are not a cause class. */
export const EXIT = { healthy: 0, several: 1, usage: 2, internal: 70, interrupted: 130 } as const;

const VAGUE: Record<VagueCode, CauseClass> = {
  'expired-or-not-yet-valid': 'expiry',
  'unknown-authority': 'unknown-authority',
  'handshake-failure': 'protocol-mismatch',
};

const CLASS_OF = new Map<string, CauseClass>(Object.entries(VAGUE));
for (const [name, { codes }] of Object.entries(CAUSE_CLASSES)) for (const code of codes) CLASS_OF.set(code, name as CauseClass);

/** The class that a code belongs to. */
export function classOf(code: CauseCode | VagueCode): CauseClass {
  return CLASS_OF.get(code) as CauseClass;
}

/** Whether a string is a code of the contract (vague ones included). */
export function isCauseCode(text: string): text is CauseCode | VagueCode {
  return CLASS_OF.has(text);
}

/** Every precise code, in the contract's order. */
export const ALL_CODES: readonly CauseCode[] = Object.values(CAUSE_CLASSES).flatMap((c) => [...c.codes] as CauseCode[]);

/** The exit status for the causes of one target: that of the first (they come in order of weight), 0 for none. */
export function exitStatusOf(causes: readonly { class: CauseClass }[]): number {
  const first = causes[0];
  return first === undefined ? EXIT.healthy : CAUSE_CLASSES[first.class].exit;
}

/** Who has to act. */
export type Party = 'server' | 'client' | 'network' | 'local';
/** How sure we are: `certain` only with proof, `likely` when one explanation fits best, `possible` when several do. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** A measured fact that carries a cause. `value` is a peer's string at times: renderers escape it. */
export interface EvidenceItem {
  fact: string;
  value: string | number | boolean | null;
  /** Where the fact was seen: "certificate 0 as sent", "handshake 3", "--ca ca.crt". */
  source: string;
}

/** One step that mends the cause. `command` is a line that can be pasted; absent when no command can do it. */
export interface Fix {
  title: string;
  command?: string;
}

/** A candidate that could not be ruled out. */
export interface Alternative {
  class: CauseClass;
  code: CauseCode | VagueCode;
  why: string;
}

/** One cause (or warning) of a report: the contract's JSON shape, shared by all commands. */
export interface Cause {
  class: CauseClass;
  code: CauseCode | VagueCode;
  party: Party;
  confidence: Confidence;
  /** One sentence with the numbers in it. */
  summary: string;
  evidence: EvidenceItem[];
  fixes: Fix[];
  alternatives: Alternative[];
}
