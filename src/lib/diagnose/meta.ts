/**
 * What a person needs to know about one cause, as data. The terminal report, `--json`, `tlsmedic explain CODE`, docs/causes/*.md
 * and the exit status all come from these objects; nothing is worded twice.
 */
import type { CauseClass, CauseCode, Party } from '../cause.js';
import { classOf } from '../cause.js';

/** How one runtime words the failure, so that a pasted log line can be recognised by eye. */
export interface Wording {
  /** `OpenSSL`, `Node.js`, `Go`, `Java`, `Python`, `curl`, `GnuTLS`, `nginx`, ... */
  runtime: string;
  text: string;
}

/** A place to read on: an RFC with its section, or the field's own document. */
export type Reference = { rfc: number; section?: string; title?: string } | { url: string; title: string };

/** A fix or check whose command may hold placeholders of {@link PLACEHOLDERS}. */
export interface CommandTemplate {
  title: string;
  /** Absent when no command can do it. */
  command?: string;
}

/**
 * Placeholders a command may hold, with what the catalogue page shows for them. A diagnosis fills in the caller's own
 * host, port and files, so that the line can be pasted.
 */
export const PLACEHOLDERS = {
  host: 'HOST',
  port: 'PORT',
  name: 'NAME',
  ca: 'ca.crt',
  cert: 'client.crt',
  key: 'client.key',
  client: 'NAME',
  chain: 'server-chain.crt',
  intermediate: 'intermediate.crt',
  file: 'FILE',
  protocol: 'PROTOCOL',
  serial: 'SERIAL',
  crl: 'ca.crl',
} as const;
export type Placeholder = keyof typeof PLACEHOLDERS;

/** Everything about a code but its check. */
export interface RuleMeta {
  code: CauseCode;
  class: CauseClass;
  /** `error` fails a handshake today or leaves a door open; `warning` is for codes that mostly stand among the warnings. */
  severity: 'error' | 'warning';
  /** One line, no full stop, without numbers (the finding's summary has them). */
  title: string;
  /** The mechanism, in two or three sentences. */
  why: string;
  /** Who has to act when the finding does not say otherwise. */
  party: Party;
  wordings: readonly Wording[];
  /** How to see it for oneself, mostly with openssl. */
  confirm: readonly CommandTemplate[];
  fixes: readonly CommandTemplate[];
  references: readonly Reference[];
  /** TLS alerts (RFC 8446 §6 names) that stacks send for it; empty when it never comes as an alert. */
  alerts: readonly string[];
  /** Codes that are only consequences of this one: they are dropped when both were found. */
  supersedes: readonly CauseCode[];
}

/** Makes a rule's metadata; the class follows from the code, and may not be contradicted. */
export function defineMeta(meta: Omit<RuleMeta, 'class'>): RuleMeta {
  return { ...meta, class: classOf(meta.code) };
}

/** Replaces `{host}` and the like; what is not given takes the catalogue's word. Values are quoted for a POSIX shell when they need it. */
export function fillTemplate(template: string, values: Partial<Record<Placeholder, string | number | undefined>> = {}): string {
  return template.replace(/\{([a-z]+)\}/g, (whole, key: string) => {
    if (!(key in PLACEHOLDERS)) return whole;
    const value = values[key as Placeholder];
    return value === undefined ? PLACEHOLDERS[key as Placeholder] : quoteForShell(String(value));
  });
}

/** Templates of the catalogue as steps that can be pasted. */
export function fillTemplates(
  templates: readonly CommandTemplate[],
  values: Partial<Record<Placeholder, string | number | undefined>> = {},
): { title: string; command?: string }[] {
  return templates.map(({ title, command }) => (command === undefined ? { title } : { title, command: fillTemplate(command, values) }));
}

/** Single-quotes a word unless it is plainly safe; control characters are dropped, since a pasted line must stay one line. */
export function quoteForShell(word: string): string {
  const clean = word.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '');
  return /^[A-Za-z0-9_@%+=:,./*-]+$/.test(clean) && (clean === '-' || !clean.startsWith('-'))
    ? clean.replace(/\*/g, '\\*')
    : `'${clean.replace(/'/g, "'\\''")}'`;
}
