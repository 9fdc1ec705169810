import { gotServerHello } from '../../evidence/negotiation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server takes none of these suites when nothing else is offered. */
export const forbidCiphers: ExpectationRule = {
  expectation: 'forbid-ciphers',
  asked: (expect) => expect.forbidCiphers !== undefined,
  check: (facts) => {
    const { records, suites, notOffered } = facts.forbidden;
    const taken = records.filter((record) => gotServerHello(record));
    if (taken.length > 0) {
      const names = [...new Set(taken.map((record) => record.negotiated?.cipher ?? '?'))];
      return failed('forbid-ciphers', 'cipher-mismatch', {
        summary: `the server takes ${names.join(', ')}, which ${names.length === 1 ? 'is' : 'are'} forbidden`,
        evidence: taken.map((record) => ({
          fact: 'cipherSuite',
          value: record.negotiated?.cipher ?? null,
          source: `handshake ${record.id}: ${record.why}`,
        })),
        ownFixesOnly: true,
        fixes: [
          {
            title:
              'take the suite out of the list of the server: ssl_ciphers in nginx, ssl-default-bind-ciphers in HAProxy, CipherSuites in Go',
          },
        ],
        values: placeholdersOf(facts),
      });
    }
    if (suites.length === 0 && notOffered.length === 0)
      return unchecked('forbid-ciphers', `no cipher suite fits ${(facts.expect.forbidCiphers ?? []).join(', ')}`);
    const dark = records.filter(
      (record) => record.outcome === 'unreachable' || record.outcome === 'silent' || record.outcome === 'preface-failed',
    );
    if (dark.length > 0) return unchecked('forbid-ciphers', `the offer got no answer (${dark[0]?.error?.code ?? dark[0]?.outcome})`);
    if (notOffered.length > 0)
      return unchecked('forbid-ciphers', `${notOffered.join(', ')} cannot be offered from here; tlsmedic probe --scan looks for them`);
    return passed('forbid-ciphers', `none of ${suites.length} forbidden suites is taken`);
  },
};
