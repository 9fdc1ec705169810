import { describe, expect, it } from 'vitest';
import * as der from '../../src/lib/ca/der-writer.js';
import { Budget } from '../../src/lib/path/budget.js';
import { nameViolations } from '../../src/lib/path/name-constraints.js';
import { PROFILES } from '../../src/lib/path/profiles.js';
import { validatePath } from '../../src/lib/path/validate.js';
import type { NameConstraints } from '../../src/lib/x509/certificate.js';
import type { GeneralName } from '../../src/lib/x509/general-name.js';
import { parseIp } from '../../src/lib/x509/ip-address.js';
import { parseName } from '../../src/lib/x509/read-name.js';
import { cpuMs } from '../cpu-clock.js';
import { ask, chain, nameOf } from './tree.js';

const none = new Uint8Array(0);
const text = (kind: 'dns' | 'email' | 'uri', value: string): GeneralName => ({ kind, value, raw: none });
const ip = (value: string): GeneralName => ({ kind: 'ip', value, raw: parseIp(value) as Uint8Array });
const range = (address: string, mask: string): GeneralName => ({
  kind: 'ip',
  value: `${address}/${mask}`,
  raw: Uint8Array.from([...(parseIp(address) as Uint8Array), ...(parseIp(mask) as Uint8Array)]),
});
const directory = (cn: string): GeneralName => {
  const name = parseName(nameOf(cn));
  return { kind: 'dirName', value: name.text, name, raw: name.der };
};
const other = (oid: string): GeneralName => ({ kind: 'otherName', oid, value: 'x', raw: none });

const DIALECTS = { go: PROFILES.go.constraints, openssl: PROFILES.openssl.constraints };

const constraints = (permitted: GeneralName[], excluded: GeneralName[] = []): NameConstraints => ({
  permitted: permitted.map((base) => ({ base, minimum: 0 })),
  excluded: excluded.map((base) => ({ base, minimum: 0 })),
});
const rules = (name: GeneralName, permitted: GeneralName[], excluded: GeneralName[] = []) =>
  nameViolations([name], constraints(permitted, excluded), new Budget()).map(({ rule }) => rule);

describe('name constraints (RFC 5280 §4.2.1.10)', () => {
  it.each<[GeneralName, GeneralName, boolean]>([
    [text('dns', 'example.com'), text('dns', 'example.com'), true],
    [text('dns', 'a.b.EXAMPLE.com'), text('dns', 'Example.com'), true],
    [text('dns', 'badexample.com'), text('dns', 'example.com'), false],
    [text('dns', 'example.com'), text('dns', 'www.example.com'), false],
    [text('dns', 'anything.test'), text('dns', ''), true],
    [text('dns', '*.example.com'), text('dns', 'example.com'), true],
    [text('dns', '*.example.com'), text('dns', 'www.example.com'), false],
    [text('dns', 'example.com'), text('dns', '.example.com'), false],
    [text('dns', 'www.example.com'), text('dns', '.example.com'), true],
    [text('email', 'ops@example.com'), text('email', 'ops@example.com'), true],
    [text('email', 'Ops@example.com'), text('email', 'ops@example.com'), false],
    [text('email', 'ops@example.com'), text('email', 'EXAMPLE.com'), true],
    [text('email', 'ops@mail.example.com'), text('email', 'example.com'), false],
    [text('email', 'ops@mail.example.com'), text('email', '.example.com'), true],
    [text('email', 'ops@example.com'), text('email', '.example.com'), false],
    [text('email', '"ops"@example.com'), text('email', 'ops@example.com'), true],
    [text('uri', 'https://example.com:8443/x?y#z'), text('uri', 'example.com'), true],
    [text('uri', 'spiffe://prod.example/sa/x'), text('uri', 'prod.example'), true],
    [text('uri', 'https://user@a.example.com/'), text('uri', '.example.com'), true],
    [text('uri', 'https://a.example.com/'), text('uri', 'example.com'), false],
    [ip('10.1.2.3'), range('10.0.0.0', '255.0.0.0'), true],
    [ip('11.1.2.3'), range('10.0.0.0', '255.0.0.0'), false],
    [ip('2001:db8::1'), range('2001:db8::', 'ffff:ffff::'), true],
    [ip('10.1.2.3'), range('::', '::'), false],
    [directory('Corp'), directory('corp'), true],
    [directory('Corp'), directory('Other'), false],
  ])('%o inside %o: %s', (name, base, inside) => {
    expect(rules(name, [base])).toEqual(inside ? [] : ['name-not-permitted']);
    // A wildcard is excluded when any name that it covers is.
    const reaches = inside || (name.value.startsWith('*.') && base.value.endsWith(name.value.slice(1)));
    expect(rules(name, [], [base])).toEqual(reaches ? ['name-excluded'] : []);
  });

  it('do not concern names of another form', () => {
    expect(
      rules(
        text('dns', 'example.com'),
        [ip('10.0.0.0')].map(() => range('10.0.0.0', '255.0.0.0')),
      ),
    ).toEqual([]);
  });

  it('exclude what is also permitted', () => {
    expect(rules(text('dns', 'a.example.com'), [text('dns', 'example.com')], [text('dns', 'a.example.com')])).toEqual(['name-excluded']);
  });

  it.each<[string, GeneralName, GeneralName]>([
    ['a URI without a host', text('uri', 'urn:example'), text('uri', 'example.com')],
    ['a URI with an address', text('uri', 'https://[2001:db8::1]/'), text('uri', 'example.com')],
    ['a DNS name that is none', text('dns', '.example.com'), text('dns', 'example.com')],
    ['a mailbox that is none', text('email', 'this @ is none'), text('email', 'example.com')],
    ['a URI whose host begins where readers differ', text('uri', 'http://evil.test\\@example.com/'), text('uri', 'example.com')],
  ])('refuse %s', (_, name, base) => expect(rules(name, [], [base])).toEqual(['name-malformed']));

  it.each<[string, GeneralName]>([
    ['a wildcard', text('dns', '*.example.com')],
    ['an address without a mask', { kind: 'ip', value: '', raw: Uint8Array.of(10, 0, 0, 0) }],
    ['a mask with holes', range('10.0.0.0', '255.0.255.0')],
  ])('refuse a constraint that is %s', (_, base) => expect(rules(text('dns', 'a.test'), [base])).toEqual(['name-constraint-malformed']));

  it('refuse forms that cannot be judged when both sides have them', () => {
    expect(rules(other('1.2.3'), [], [other('1.2.3')])).toEqual(['name-constraint-unsupported']);
    expect(rules(other('1.2.3'), [], [other('1.2.4')])).toEqual([]);
    expect(rules(text('dns', 'a.test'), [], [other('1.2.3')])).toEqual([]);
  });

  it('on mailboxes bind internationalized ones too, whose hosts compare as A-labels (RFC 9598 §6)', () => {
    const mailboxIn = (mailbox: string) => ({
      oid: '2.5.29.17',
      critical: false,
      value: der.sequence(
        der.contextPrimitive(2, Buffer.from('api.internal')),
        der.contextConstructed(0, der.oid('1.3.6.1.5.5.7.8.9'), der.contextConstructed(0, der.utf8String(mailbox))),
      ),
    });
    const only = (host: string, excluded = false) => ({
      oid: '2.5.29.30',
      critical: true,
      value: der.sequence(der.contextConstructed(excluded ? 1 : 0, der.sequence(der.contextPrimitive(1, Buffer.from(host))))),
    });
    const found = (mailbox: string, host: string, excluded = false): string[] => {
      const { root, intermediate, leaf } = chain({ extensions: [mailboxIn(mailbox)] }, { extensions: [only(host, excluded)] });
      return validatePath(ask(leaf, [intermediate], [root])).problems.map(({ rule }) => rule);
    };
    expect(found('médée@bücher.example', 'xn--bcher-kva.example')).toEqual([]);
    expect(found('médée@bücher.example', 'other.example')).toEqual(['name-not-permitted']);
    expect(found('médée@bücher.example', 'xn--bcher-kva.example', true)).toEqual(['name-excluded']);
  });

  it.each<[keyof typeof DIALECTS, GeneralName, GeneralName, string[], string[]]>([
    // Go takes a host in a URI or mailbox constraint for the domain under it.
    ['go', text('uri', 'https://a.example.com/'), text('uri', 'example.com'), [], ['name-excluded']],
    ['go', text('email', 'ops@mail.example.com'), text('email', 'example.com'), [], ['name-excluded']],
    ['go', other('1.2.3'), other('1.2.3'), [], []],
    // OpenSSL compares names as they stand, and knows no coverage of wildcards.
    ['openssl', text('dns', '*.example.com'), text('dns', 'www.example.com'), ['name-not-permitted'], []],
    ['openssl', text('dns', 'bad..example.com'), text('dns', 'example.com'), [], ['name-excluded']],
    ['openssl', text('email', 'no mailbox'), text('email', 'example.com'), ['name-malformed'], ['name-malformed']],
    ['openssl', text('uri', 'urn:x:y'), text('uri', 'example.com'), ['name-malformed'], ['name-malformed']],
  ])('as %s reads them: %o against %o', (profile, name, base, permitted, excluded) => {
    const under = (set: NameConstraints): string[] => nameViolations([name], set, new Budget(), DIALECTS[profile]).map(({ rule }) => rule);
    expect([under(constraints([base])), under(constraints([], [base]))]).toEqual([permitted, excluded]);
  });

  it('end at their limit instead of comparing millions of names', () => {
    const names = Array.from({ length: 3000 }, (_, i) => text('dns', `t${i}.test`));
    const bases = Array.from({ length: 3000 }, (_, i) => text('dns', `x${i}.test`));
    const before = cpuMs();
    expect(nameViolations(names, constraints([], bases), new Budget()).map(({ rule }) => rule)).toEqual(['budget']);
    expect(cpuMs() - before).toBeLessThan(500);
  });

  it('of every certificate above count, those of self-issued ones in between do not bind their own subject', () => {
    const extension = (base: Uint8Array) => ({
      oid: '2.5.29.30',
      critical: true,
      value: der.sequence(der.contextConstructed(0, der.sequence(base))),
    });
    const dns = (value: string) => extension(der.contextPrimitive(2, Buffer.from(value)));
    const { root, intermediate, leaf } = chain(
      { sans: ['api.internal'] },
      { extensions: [dns('internal')] },
      { extensions: [dns('api.internal')] },
    );
    expect(validatePath(ask(leaf, [intermediate], [root])).ok).toBe(true);
    const wrong = chain(
      { sans: ['api.internal', 'db.internal'] },
      { extensions: [dns('internal')] },
      { extensions: [dns('api.internal')] },
    );
    const verdict = validatePath(ask(wrong.leaf, [wrong.intermediate], [wrong.root]));
    expect(verdict.problems).toMatchObject([
      { code: 'name-constraint', rule: 'name-not-permitted', index: 0, facts: { name: 'dns:db.internal', by: 'CN=Root' } },
    ]);
  });
});
