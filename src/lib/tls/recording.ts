/** A connection as it was recorded below TLS, in the order of events. Decoded afterwards by `decodeTranscript`. */
export interface Recording {
  events: RecordedEvent[];
  /** NSS key log lines of this connection. Secret: never part of an observation. */
  keyLog: string[];
  /** Recording stopped at a limit; what followed is missing. */
  truncated: boolean;
}

export type RecordedEvent = {
  /** Milliseconds since recording began. */
  ms: number;
  from: 'client' | 'server';
} & (
  | { kind: 'bytes'; bytes: Uint8Array }
  /** Said before TLS began (proxy, STARTTLS): `text` for people, `bytes` as sent. */
  | { kind: 'preface'; bytes: Uint8Array; text: string }
  | { kind: 'fin' }
  | { kind: 'error'; code: string }
);
