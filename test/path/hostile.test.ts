import { describe, expect, it } from 'vitest';
import { createCrl } from '../../src/lib/ca/crl.js';
import * as der from '../../src/lib/ca/der-writer.js';
import type { ExtensionToWrite } from '../../src/lib/ca/extensions.js';
import { keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { validatePath } from '../../src/lib/path/validate.js';
import type { PathQuestion, PathVerdict } from '../../src/lib/path/verification.js';
import { parseCrl } from '../../src/lib/x509/crl.js';
import { ask, chain, DAY, type EntityRequest, HOUR, make, NOW } from './tree.js';

/** Certificates made to keep a verifier busy. Each verdict comes within a second of processor time; twice that on slow machines of CI. */

function verdictOf(leaf: EntityRequest, intermediate: EntityRequest = {}, more: Partial<PathQuestion> = {}): PathVerdict {
  const made = chain(leaf, intermediate);
  const question = ask(made.leaf, [made.intermediate], [made.root], more);
  const start = process.cpuUsage();
  const verdict = validatePath(question);
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  return verdict;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const extension = (oid: string, value: Uint8Array, critical = false): ExtensionToWrite => ({ oid, critical, value });
const uris = (prefix: string, count: number): Uint8Array[] =>
  range(count).map((i) => der.contextPrimitive(6, Buffer.from(`http://${prefix}${i}.test/`)));
const commonName = (text: string): Uint8Array => der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.utf8String(text))));

describe('ends within a second', () => {
  it('names whose normalisation takes quadratic time', () => {
    expect(verdictOf({ name: commonName('\u0301\u0327'.repeat(200_000)) }).ok).toBe(true);
    expect(verdictOf({ name: commonName('\ufdfa'.repeat(200_000)) }).ok).toBe(true);
  });

  it('thousands of policies, each said once', () => {
    const policies = (prefix: string) =>
      extension('2.5.29.32', der.sequence(...range(15_000).map((i) => der.sequence(der.oid(`${prefix}.${i}`)))));
    expect(verdictOf({ extensions: [policies('1.2.3')] }, { extensions: [policies('1.2.3')] }).ok).toBe(true);
  });

  it('thousands of distribution points against thousands of names in a list', () => {
    const points = extension(
      '2.5.29.31',
      der.sequence(...uris('a', 10_000).map((uri) => der.sequence(der.contextConstructed(0, der.contextConstructed(0, uri))))),
    );
    const scope = extension('2.5.29.28', der.sequence(der.contextConstructed(0, der.contextConstructed(0, ...uris('b', 10_000)))), true);
    const root = make({ cn: 'Root', ca: true });
    const leaf = make({ cn: 'leaf', issuer: root, extensions: [points] });
    const list = createCrl({
      issuer: { subject: root.name, keyIdentifier: keyIdentifier(root.key.spki), key: root.key.key },
      thisUpdate: NOW - HOUR,
      nextUpdate: NOW + DAY,
      number: 7,
      revoked: [],
      extensions: [scope],
    }).der;
    const start = process.cpuUsage();
    const verdict = validatePath(ask(leaf, [], [root], { crls: [parseCrl(list)], revocation: 'hard-leaf' }));
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
    expect(verdict.problems.map(({ rule }) => rule)).toEqual(['revocation-unavailable']);
  });

  it.each([
    [1, (i: number) => `ops@h${i}.test`],
    [6, (i: number) => `https://h${i}.test/`],
  ])('thousands of names of form [%i] against thousands of constraints', (form, name) => {
    const names = extension('2.5.29.17', der.sequence(...range(8000).map((i) => der.contextPrimitive(form, Buffer.from(name(i))))));
    const bases = range(8000).map((i) => der.sequence(der.contextPrimitive(form, Buffer.from(`x${i}.test`))));
    const constraints = extension('2.5.29.30', der.sequence(der.contextConstructed(1, ...bases)), true);
    const verdict = verdictOf({ extensions: [names] }, { extensions: [constraints] });
    expect(verdict.problems.map(({ rule }) => rule)).toEqual(['budget']);
    expect(verdict.exhausted).toEqual(['nameComparisons']);
  });
});
