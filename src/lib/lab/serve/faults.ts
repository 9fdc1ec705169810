import { TlsmedicError } from '../../errors.js';
import { parseDuration } from '../../time-text.js';
import { ALERTS } from '../../tls/alerts.js';

/** How `serve` misbehaves on purpose. */
export interface Faults {
  /** Milliseconds before the ClientHello is answered. */
  delayMs?: number;
  /** In place of an answer to the ClientHello. */
  onHello?: { do: 'alert'; description: number } | { do: 'close' } | { do: 'reset' } | { do: 'stall' };
  /** In place of the answer to the client's second flight: the client of TLS 1.3 believes it is through. */
  late?: { do: 'alert'; description: number } | { do: 'close' } | { do: 'reset' };
  /** The leaf alone is sent. */
  missingIntermediate?: boolean;
  /** The certificates read at start are served for ever. */
  staleCertificate?: boolean;
  /** A certificate for other names, made on the spot. */
  wrongName?: boolean;
  expired?: boolean;
  notYetValid?: boolean;
  selfSigned?: boolean;
  /** The certificate shown does not belong to the key that signs. */
  keyMismatch?: boolean;
  /** Random bytes in the place of the certificate. */
  malformed?: boolean;
  /** HTTP in clear on the port. */
  plaintext?: boolean;
}

const SIMPLE: Record<string, Faults> = {
  'missing-intermediate': { missingIntermediate: true },
  'stale-certificate': { staleCertificate: true },
  'wrong-name': { wrongName: true },
  expired: { expired: true },
  'not-yet-valid': { notYetValid: true },
  'self-signed': { selfSigned: true },
  'key-mismatch': { keyMismatch: true },
  malformed: { malformed: true },
  plaintext: { plaintext: true },
  'silent-close': { onHello: { do: 'close' } },
  'late-silent-close': { late: { do: 'close' } },
  reset: { onHello: { do: 'reset' } },
  'late-reset': { late: { do: 'reset' } },
  stall: { onHello: { do: 'stall' } },
  'unknown-name': { onHello: { do: 'alert', description: 112 } },
};

/** What `--fault` takes, for help and messages. */
export const FAULT_NAMES: readonly string[] = [...Object.keys(SIMPLE), 'delay=SECONDS', 'alert=NAME', 'late-alert=NAME'];

/**
 * Reads the values of `--fault`; several go together.
 * @throws TlsmedicError `unknown-fault`
 */
export function parseFaults(texts: readonly string[]): Faults {
  return Object.assign({}, ...texts.map(parseFault)) as Faults;
}

function parseFault(text: string): Faults {
  const [name = '', value] = text.split('=', 2);
  if (value === undefined) {
    const simple = SIMPLE[name];
    if (simple !== undefined) return simple;
  } else if (name === 'delay') {
    const seconds = parseDuration(value);
    if (seconds !== undefined && seconds > 0 && seconds <= 3600) return { delayMs: seconds * 1000 };
  } else if (name === 'alert' || name === 'late-alert') {
    const description = alertNumber(value);
    if (description !== undefined)
      return name === 'alert' ? { onHello: { do: 'alert', description } } : { late: { do: 'alert', description } };
    throw unknown(text, [`alerts: ${ALERTS.map((alert) => alert.name).join(', ')}`]);
  }
  throw unknown(text, [`faults: ${FAULT_NAMES.join(', ')}`]);
}

function alertNumber(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text) && Number(text) < 256) return Number(text);
  const wanted = text.toLowerCase().replaceAll('-', '_');
  return ALERTS.find((alert) => alert.name === wanted)?.number;
}

function unknown(text: string, next: string[]): TlsmedicError {
  return new TlsmedicError('unknown-fault', `--fault: "${text}" is no fault this server knows`, { kind: 'usage', next });
}
