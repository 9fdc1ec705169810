import { readReception } from '../../evidence/reception.js';
import type { EndpointFacts, NegativeHandshake } from '../endpoint-facts.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/**
 * Mutual TLS is enforced when every client that should be refused is refused: without a certificate, with one of a stranger, an expired one,
 * one for servers only, and one that merely bears the right names. A CertificateRequest alone proves nothing: servers ask and then let everybody in.
 */
export const mtls: ExpectationRule = {
  expectation: 'mtls',
  asked: (expect) => expect.mtls !== undefined,
  check: (facts) => {
    const { mtls: wanted } = facts.expect;
    const own = readReception(facts.main);
    const asked =
      facts.main.certificateRequest !== undefined || facts.negatives.some(({ record }) => record.certificateRequest !== undefined);
    if (wanted === 'none') {
      return asked
        ? failed('mtls', 'client-cert-required', {
            summary: 'the server asks for a client certificate, none is expected',
            evidence: [{ fact: 'certificateRequest', value: true, source: `handshake ${facts.main.id}` }],
            values: placeholdersOf(facts),
          })
        : passed('mtls', 'no client certificate is asked for');
    }
    if (wanted === 'optional') {
      const none = facts.negatives.find(({ record }) => record.sent.client === 'none');
      const reception = none === undefined ? own : readReception(none.record);
      if (!asked)
        return failed('mtls', 'client-auth-not-enforced', {
          summary: 'the server does not ask for a client certificate',
          evidence: [{ fact: 'certificateRequest', value: false, source: `handshake ${facts.main.id}` }],
          values: placeholdersOf(facts),
        });
      if (reception.verdict === 'refused')
        return failed('mtls', 'client-cert-required', {
          summary: `without a client certificate the server refuses (${reception.how})`,
          evidence: [{ fact: 'refusal', value: reception.how, source: `handshake ${reception.handshake}` }],
          values: placeholdersOf(facts),
        });
      return passed('mtls', 'a client certificate is asked for and may be left out');
    }
    const checks: Check[] = facts.negatives.map((negative) => refusal('mtls', facts, negative));
    if (facts.target.client !== undefined && own.verdict === 'refused') {
      checks.unshift(
        failed('mtls', 'client-cert-rejected', {
          summary: `the server refuses the given client certificate (${own.how})`,
          evidence: [{ fact: 'refusal', value: own.how, source: `handshake ${own.handshake}` }],
          values: placeholdersOf(facts),
        }),
      );
    }
    if (checks.length === 0) return unchecked('mtls', 'no negative handshake was made');
    const open = checks.filter((check) => check.status !== 'passed');
    return open.length === 0 ? passed('mtls', `enforced: ${facts.negatives.map(({ label }) => label).join(', ')} all refused`) : open;
  },
};

/** Clients of the file that must be refused: another service's certificate, say. */
export const refuses: ExpectationRule = {
  expectation: 'refuses',
  asked: (expect) => expect.refuses !== undefined,
  check: (facts) => {
    const given = facts.negatives.filter(({ record }) => record.experiment === 'client-refused');
    return given.length === 0
      ? unchecked('refuses', 'no handshake could be made with these certificates')
      : given.map((negative) => refusal('refuses', facts, negative));
  },
};

function refusal(expectation: 'mtls' | 'refuses', facts: EndpointFacts, { label, record }: NegativeHandshake): Check {
  const reception = readReception(record);
  switch (reception.verdict) {
    case 'refused':
      return passed(expectation, `${label} refused: ${reception.how}`);
    case 'accepted':
      return failed(expectation, 'client-auth-not-enforced', {
        summary: `the server lets in a client with ${label} (${reception.how})`,
        evidence: [{ fact: 'accepted', value: reception.how, source: `handshake ${record.id}: ${record.why}` }],
        values: placeholdersOf(facts),
      });
    case 'unknown':
      return unchecked(
        expectation,
        `whether ${label} is refused cannot be told: ${reception.how}; give an https:// address, so that a request can decide`,
      );
    default:
      return unchecked(expectation, `the handshake with ${label} did not get that far: ${reception.how}`);
  }
}
