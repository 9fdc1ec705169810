import { gotServerHello } from '../../evidence/negotiation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server refuses versions older than this (RFC 8996 retired 1.0 and 1.1). */
export const minVersion: ExpectationRule = {
  expectation: 'min-version',
  asked: (expect) => expect.minVersion !== undefined,
  check: (facts) => {
    const wanted = facts.expect.minVersion ?? '';
    if (facts.older.length === 0)
      return wanted === '1.0' ? passed('min-version', 'TLS 1.0 and newer') : unchecked('min-version', 'no older version could be offered');
    const taken = facts.older.filter((record) => gotServerHello(record));
    if (taken.length > 0) {
      const versions = taken.map((record) => (record.negotiated?.version ?? record.sent.limits.maxVersion ?? '?').replace('TLSv', 'TLS '));
      return failed('min-version', 'version-mismatch', {
        summary: `the server still takes ${[...new Set(versions)].join(', ')}; at least TLS ${wanted} is wanted`,
        evidence: taken.map((record) => ({
          fact: 'version',
          value: record.negotiated?.version ?? null,
          source: `handshake ${record.id}: ${record.why}`,
        })),
        ownFixesOnly: true,
        fixes: [
          {
            title: `let the server take TLS ${wanted} and newer only: ssl_protocols in nginx, ssl-min-ver in HAProxy, MinVersion in Go, minVersion in Node`,
          },
        ],
        values: placeholdersOf(facts),
      });
    }
    const dark = facts.older.filter(
      (record) => record.outcome === 'unreachable' || record.outcome === 'silent' || record.outcome === 'preface-failed',
    );
    if (dark.length > 0)
      return unchecked(
        'min-version',
        `the offer of older versions got no answer (${dark.map((record) => record.error?.code ?? record.outcome).join(', ')})`,
      );
    return passed('min-version', `older versions than TLS ${wanted} are refused`);
  },
};
