/**
 * Typed errors: what went wrong, why, and what to do next. The command line words them once, at its edge;
 * the library throws them. A refused connection is not an error but an observation.
 */

/** Who can mend it: `usage` flags and arguments, `input` unreadable or unusable input, `environment` disk, permission, missing program, `bug` ours. */
export type ErrorKind = 'usage' | 'input' | 'environment' | 'bug';

export class TlsmedicError extends Error {
  override readonly name = 'TlsmedicError';
  /** Stable kebab-case identifier, such as `unreadable-file`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** The mechanism behind it, one sentence; absent when the message says it all. */
  readonly why: string | undefined;
  /** What to do next, commands included, most useful first. */
  readonly next: readonly string[];
  /** The single mistakes, a line each, where the message counts several. */
  readonly mistakes: readonly string[];

  constructor(
    code: string,
    message: string,
    details: { kind: ErrorKind; why?: string; next?: readonly string[]; mistakes?: readonly string[]; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.kind = details.kind;
    this.why = details.why;
    this.next = details.next ?? [];
    this.mistakes = details.mistakes ?? [];
  }
}

/** The errno code of a system error (`ENOENT`, `ECONNRESET`), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A one-line text for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
