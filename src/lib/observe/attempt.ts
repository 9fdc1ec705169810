/** Why a step did not give its value. */
export interface Failure {
  /** errno (`ECONNREFUSED`), Node or OpenSSL code (`ERR_SSL_...`), or one of ours in kebab-case (`timeout`). */
  code: string;
  message: string;
  /** The system call, when a system error names one. */
  syscall?: string;
}

/** One step of an observation. A refused connection is a result; "not run" is never shown as "ok". */
export type Attempt<T> =
  | { status: 'completed'; value: T; ms: number }
  | { status: 'failed'; failure: Failure; ms: number }
  | { status: 'not-run'; why: string };
