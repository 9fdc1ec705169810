import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server refuses versions older than this (RFC 8996 retired 1.0 and 1.1). */
export const minVersion: ExpectationRule = {
  expectation: 'min-version',
  asked: (expect) => expect.minVersion !== undefined,
  check: ({ older, expect, ...facts }) => {
    const wanted = expect.minVersion ?? '';
    if (older.length === 0) return unchecked('min-version', 'no older version could be offered');
    const taken = [...new Set(older.flatMap((offer) => offer.taken ?? []))];
    if (taken.length > 0) {
      return failed('min-version', 'version-mismatch', {
        summary: `the server still takes ${taken.join(', ')}; at least TLS ${wanted} is wanted`,
        evidence: taken.map((version) => ({ fact: 'version', value: version, source: 'ServerHello to an offer of nothing newer' })),
        ownFixesOnly: true,
        fixes: [
          {
            title: `let the server take TLS ${wanted} and newer only: ssl_protocols in nginx, ssl-min-ver in HAProxy, MinVersion in Go, minVersion in Node`,
          },
        ],
        values: placeholdersOf({ ...facts, older, expect }),
      });
    }
    const dark = older.find(({ answered }) => !answered);
    if (dark !== undefined) return unchecked('min-version', `the offer of ${dark.version} got no answer (${dark.instead ?? 'silence'})`);
    return passed('min-version', `older versions than TLS ${wanted} are refused`);
  },
};
