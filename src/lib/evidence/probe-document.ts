import type { Cause } from '../cause.js';
import type { ProbeFacts } from '../observe/facts/probe-facts.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { Verification } from '../path/verification.js';

/** `tlsmedic/probe@1` */
export interface ProbeDocument {
  schema: 'tlsmedic/probe@1';
  /** The handshake was accepted, and nothing stands against the certificate. */
  ok: boolean;
  at: string;
  target: {
    input: string;
    host: string;
    port: number;
    servername: string | null;
    hostname: string;
    addresses: string[];
    starttls?: string;
    proxy?: string;
  };
  causes: Cause[];
  warnings: Cause[];
  facts: ProbeFacts;
  /** Every handshake made; the first is the look that the verdict is about. */
  handshakes: HandshakeRecord[];
  /** Our own verdict on the chain as sent, after the look. */
  verification: Verification | { notRun: string };
  /** What could not be looked at, and why. */
  notChecked: string[];
}
