import { parseCertificate } from '../../x509/parse-certificate.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** Every address of the name answers, with the same certificate. */
export const sameOnAllAddresses: ExpectationRule = {
  expectation: 'same-on-all-addresses',
  asked: (expect) => expect.sameOnAllAddresses === true,
  check: (facts) => {
    if (facts.target.proxy !== undefined)
      return unchecked('same-on-all-addresses', 'the proxy resolves the name: which addresses it has cannot be told from here');
    if (facts.addresses.length === 0) return unchecked('same-on-all-addresses', 'the name has no address');
    const answers = facts.addresses.map((record) => ({
      address: record.sent.address,
      leaf: record.chain[0] === undefined ? undefined : parseCertificate(record.chain[0]).fingerprint,
      record,
    }));
    const groups = groupByLeaf(answers);
    if (groups.size === 1 && facts.unlooked !== undefined)
      return unchecked('same-on-all-addresses', `${facts.unlooked} of ${facts.unlooked + answers.length} addresses were not looked at`);
    if (groups.size === 1 && answers[0]?.leaf !== undefined)
      return passed(
        'same-on-all-addresses',
        answers.length === 1 ? 'one address' : `all ${answers.length} addresses serve the same certificate`,
      );
    const parts = [...groups].map(
      ([leaf, members]) =>
        `${members.map(({ address }) => address).join(', ')}: ${leaf === undefined ? (members[0]?.record.error?.code ?? members[0]?.record.outcome ?? 'nothing') : leaf.slice(0, 16)}`,
    );
    if (groups.size === 1) return unchecked('same-on-all-addresses', `no address showed a certificate (${parts.join('; ')})`);
    return failed('same-on-all-addresses', 'inconsistent-backends', {
      summary: `the addresses of the name differ: ${parts.join('; ')}`,
      evidence: answers.map(({ address, leaf, record }) => ({
        fact: 'certificate',
        value: leaf ?? record.outcome,
        source: `${address}, handshake ${record.id}`,
      })),
      values: placeholdersOf(facts),
    });
  },
};

function groupByLeaf<T extends { leaf: string | undefined }>(answers: readonly T[]): Map<string | undefined, T[]> {
  const groups = new Map<string | undefined, T[]>();
  for (const answer of answers) groups.set(answer.leaf, [...(groups.get(answer.leaf) ?? []), answer]);
  return groups;
}
