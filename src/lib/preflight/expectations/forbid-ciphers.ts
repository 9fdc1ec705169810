import { fillTemplate } from '../../diagnose/meta.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server takes none of these suites when nothing else is offered. */
export const forbidCiphers: ExpectationRule = {
  expectation: 'forbid-ciphers',
  asked: (expect) => expect.forbidCiphers !== undefined,
  check: (facts) => {
    const { suites, offers } = facts.forbidden;
    const taken = offers.filter((offer) => offer.taken !== undefined);
    if (taken.length > 0) {
      const names = [...new Set(taken.map((offer) => offer.taken))];
      return failed('forbid-ciphers', 'cipher-mismatch', {
        summary: `the server takes ${names.join(', ')}, which ${names.length === 1 ? 'is' : 'are'} forbidden`,
        evidence: taken.map(({ version, taken: suite }) => ({
          fact: 'cipherSuite',
          value: suite ?? null,
          source: `ServerHello to an offer in ${version}`,
        })),
        ownFixesOnly: true,
        fixes: [
          {
            title:
              'take the suite out of the list of the server: ssl_ciphers in nginx, ssl-default-bind-ciphers in HAProxy, CipherSuites in Go',
          },
          { title: 'see every suite that it takes', command: fillTemplate('tlsmedic probe {host}:{port} --scan', placeholdersOf(facts)) },
        ],
      });
    }
    if (suites.length === 0)
      return unchecked('forbid-ciphers', `no cipher suite is called ${(facts.expect.forbidCiphers ?? []).join(', ')}`);
    const dark = offers.find((offer) => !offer.answered);
    if (dark !== undefined) return unchecked('forbid-ciphers', `the offer in ${dark.version} got no answer (${dark.instead ?? 'silence'})`);
    return passed('forbid-ciphers', `none of ${suites.length} forbidden suites is taken`);
  },
};
