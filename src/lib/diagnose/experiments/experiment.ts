import type { Evidence } from '../../evidence/evidence.js';
import type { LoginProtocol } from '../../observe/login-dialogue.js';
import type { ClientIdentity, HandshakeLimits, HandshakeRecord } from '../../observe/observation.js';
import type { PlaintextProbe } from '../../observe/plaintext.js';
import type { Certificate } from '../../x509/certificate.js';

/** One thing to try next. `key` says what it is, so that nothing is tried twice. */
export type Experiment = { key: string; why: string } & (
  | {
      kind: 'handshake';
      experiment: string;
      address: string;
      /** Undefined: the caller's; null: none at all. */
      servername?: string | null;
      /** In place of the caller's limits. */
      limits?: HandshakeLimits;
      /** In place of the caller's credential. */
      client?: ClientIdentity;
      verify?: boolean;
      /** One small GET once the handshake stands. */
      request?: boolean;
      /** The first word of a login in this protocol, taken back. */
      login?: LoginProtocol;
      requestOcsp?: boolean;
      /** Listens on for seconds: some servers judge late. */
      patient?: boolean;
    }
  | { kind: 'plaintext'; probe: PlaintextProbe; address: string }
  | { kind: 'time-service' }
  | { kind: 'fetch'; what: 'aia' | 'ocsp' | 'crl'; url: string; certificate: string }
  | { kind: 'other-stores' }
);

/** What the caller allows. */
export interface PlanLimits {
  /** No HTTP request is ever sent. */
  noRequest: boolean;
  /** Addresses in certificates may be asked. */
  fetch: boolean;
  /** Judged as of another time: clocks are not asked. */
  fixedTime: boolean;
}

const NOT_HTTP_PORTS = new Set([
  25, 110, 143, 389, 465, 587, 636, 853, 990, 993, 995, 1433, 1883, 3306, 5222, 5223, 5432, 5671, 5672, 6379, 6380, 6697, 8883, 9092, 9093,
  27017,
]);

/** A handshake at the address of the look, with one thing changed. */
export function shake(
  look: HandshakeRecord,
  experiment: string,
  why: string,
  change: Omit<Extract<Experiment, { kind: 'handshake' }>, 'kind' | 'key' | 'why' | 'experiment' | 'address'> = {},
): Experiment {
  return { kind: 'handshake', key: `${experiment} ${look.sent.address}`, why, experiment, address: look.sent.address, ...change };
}

/** A request may be made at all: the caller allows it, and the port does not speak another protocol as far as is known. */
export function mayAskHttp(evidence: Evidence, look: HandshakeRecord, limits: PlanLimits): boolean {
  if (limits.noRequest || evidence.target.starttls !== undefined || !look.secureConnect || look.http !== undefined) return false;
  if (look.outcome !== 'accepted' || look.acceptance === 'application-data') return false;
  const chosen = look.negotiated?.alpn;
  if (chosen !== undefined && !/^http\/1/.test(chosen)) return false;
  const scheme = evidence.target.scheme;
  if (scheme !== undefined && !['https', 'http', 'wss', 'ws', 'tls', 'tcp', 'ssl'].includes(scheme)) return false;
  return !NOT_HTTP_PORTS.has(evidence.target.port);
}

/** Addresses of revocation lists in a certificate that can be asked without TLS. */
export function listAddresses({ crlDistributionPoints }: Certificate): string[] {
  return (crlDistributionPoints ?? []).flatMap(
    ({ fullName }) => fullName?.flatMap((name) => (name.kind === 'uri' && /^http:/i.test(name.value) ? name.value : [])) ?? [],
  );
}
