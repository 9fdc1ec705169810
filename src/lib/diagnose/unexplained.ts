import type { Cause, CauseCode, VagueCode } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import type { HandshakeRecord } from '../observe/observation.js';
import { causeOf } from './cause-of.js';
import { callerValues, fact, handshakeSource } from './wording.js';

/**
 * The net under the rules: a handshake that failed is never called healthy because no rule knew it. What is known of it is reported as
 * `possible`, and the report says that the cause was not found.
 */
export function unexplained(evidence: Evidence): Cause | undefined {
  const record = failing(evidence);
  if (record === undefined) return undefined;
  const { code, what } = reading(record);
  return causeOf(code, {
    summary: `${what}, and no experiment showed why`,
    confidence: 'possible',
    evidence: [
      fact('outcome', record.outcome, handshakeSource(record)),
      ...(record.error === undefined ? [] : [fact('error', `${record.error.code}: ${record.error.message}`, handshakeSource(record))]),
      ...(record.alertReceived === undefined
        ? []
        : [fact('alert received', `${record.alertReceived.number} ${record.alertReceived.name}`, handshakeSource(record))]),
      ...(record.alertSent === undefined
        ? []
        : [fact('alert sent', `${record.alertSent.number} ${record.alertSent.name}`, handshakeSource(record))]),
    ],
    values: callerValues(evidence),
    fixes: [
      { title: 'read what the server logged at this moment', command: 'tlsmedic explain - < server.log' },
      { title: 'keep what was seen, for a report', command: 'tlsmedic diagnose … --save-observation observation.json' },
    ],
  });
}

/** The program's own handshake when it failed, else the look when that failed. */
function failing({ symptom, look, observation }: Evidence): HandshakeRecord | undefined {
  const { intermediates, spiffeId, trustDomain } = observation.given;
  // node's verifier knows neither SPIFFE nor intermediates at hand: where those were given, our own validation stands in for it.
  const beyondNode = intermediates.length > 0 || spiffeId !== undefined || trustDomain !== undefined;
  const verified = symptom?.outcome === 'broken-off-here' && look?.outcome === 'accepted';
  return [beyondNode && verified ? undefined : symptom, look].find((record) => record !== undefined && record.outcome !== 'accepted');
}

/** Only what the handshake itself says; a verification error of node that our own validation does not share is named as node's. */
function reading(record: HandshakeRecord): { code: CauseCode | VagueCode; what: string } {
  const error = record.error?.code ?? record.authorizationError ?? '';
  switch (record.outcome) {
    case 'rejected':
    case 'rejected-late':
      return {
        code: 'handshake-failure',
        what: `the server refuses the handshake (alert ${record.alertReceived?.number ?? '?'} ${record.alertReceived?.name ?? ''})`,
      };
    case 'closed':
    case 'closed-late':
      return {
        code: 'reset',
        what: `the server ended the connection without an alert${record.secureConnect ? ' after the handshake' : ''}`,
      };
    case 'silent':
      return { code: 'timeout', what: 'the server stopped answering during the handshake' };
    case 'not-tls':
    case 'preface-failed':
      return { code: 'not-tls', what: 'the answer is no TLS' };
    case 'unreachable':
      return { code: /REFUSED/.test(error) ? 'refused' : 'timeout', what: `no connection was made (${error})` };
    default:
      return { code: verificationCode(error), what: `this side broke the handshake off (${error})` };
  }
}

/** node's verification errors, as vague as they are. */
function verificationCode(error: string): CauseCode | VagueCode {
  if (/HAS_EXPIRED|NOT_YET_VALID/.test(error)) return 'expired-or-not-yet-valid';
  if (/ISSUER|SELF_SIGNED|LEAF_SIGNATURE|UNTRUSTED/.test(error)) return 'unknown-authority';
  if (/ALTNAME/.test(error)) return 'san-mismatch';
  if (/REVOKED/.test(error)) return 'revoked';
  return 'handshake-failure';
}
