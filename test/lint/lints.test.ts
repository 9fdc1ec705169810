import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { integer, sequence } from '../../src/lib/ca/der-writer.js';
import { basicConstraints, extendedKeyUsage, keyUsage, mustStaple } from '../../src/lib/ca/extensions.js';
import { runLints } from '../../src/lib/lint/engine.js';
import type { CertificateSubject, KeyFileSubject, LintSubject } from '../../src/lib/lint/lint.js';
import { LINTS, lintOf } from '../../src/lib/lint/registry.js';
import type { Certificate } from '../../src/lib/x509/certificate.js';
import { EXT } from '../../src/lib/x509/oids.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { DAY, leaf, NOW, type Recipe, root, spkiOf } from './certificates.js';

const asLeaf = (certificate: Certificate, issuer?: Certificate): CertificateSubject => ({
  kind: 'certificate',
  certificate,
  role: 'leaf',
  issuedOthers: false,
  ...(issuer === undefined ? {} : { issuer }),
});
const asRoot = (certificate: Certificate): CertificateSubject => ({ kind: 'certificate', certificate, role: 'root', issuedOthers: true });
const badLeaf = (recipe: Recipe): CertificateSubject => asLeaf(leaf(recipe));
const badRoot = (recipe: Recipe): CertificateSubject => asRoot(root(recipe));
const keyFile = (more: Partial<KeyFileSubject>): KeyFileSubject => ({ kind: 'key-file', encrypted: false, ...more });
const findings = (subject: LintSubject): string[] =>
  runLints(LINTS, subject).flatMap((result) => (result.outcome === 'finding' ? [result.lint] : []));
const small = spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const uri = (value: string) => ({ kind: 'uri', value }) as const;
const svid: Recipe = { sans: [uri('spiffe://corp/web')] };
const san = ([name]: readonly { kind: 'dns' | 'ip' | 'uri'; value: string }[]): Recipe => ({ sans: name === undefined ? [] : [name] });

/** One subject that each lint finds something in, and nothing else that it should not. */
const TRIGGERS: Record<string, LintSubject> = {
  'no-subject-alt-name': badLeaf({ without: [EXT.subjectAltName] }),
  'no-extended-key-usage': badLeaf({ without: [EXT.extKeyUsage] }),
  'any-extended-key-usage': badLeaf({ extensions: [extendedKeyUsage(['2.5.29.37.0'])] }),
  'ca-without-basic-constraints': badRoot({ without: [EXT.basicConstraints] }),
  'basic-constraints-not-critical': badRoot({ extensions: [{ ...basicConstraints(true), critical: false }] }),
  'ca-without-key-usage': badRoot({ without: [EXT.keyUsage] }),
  'ca-without-subject-key-identifier': badRoot({ without: [EXT.subjectKeyIdentifier] }),
  'no-authority-key-identifier': badLeaf({ without: [EXT.authorityKeyIdentifier] }),
  'leaf-is-ca': badLeaf({ extensions: [basicConstraints(true)] }),
  'leaf-may-sign-certificates': badLeaf({ extensions: [keyUsage(['digitalSignature', 'keyCertSign'])] }),
  'path-length-without-ca': badLeaf({ extensions: [{ ...basicConstraints(false), value: sequence(integer(0)) }] }),
  'long-lifetime': badLeaf({ fields: { notAfter: NOW + 200 * DAY } }),
  'weak-key': badLeaf({ fields: { spki: small } }),
  'weak-signature': badLeaf({ fields: { signatureAlgorithm: 'ecdsa-sha1' } }),
  'algorithm-mismatch': badLeaf({ fields: { outerSignatureAlgorithm: 'ecdsa-sha384' } }),
  'serial-trouble': badLeaf({ fields: { serial: new Uint8Array(1) } }),
  'validity-reversed': badLeaf({ fields: { notBefore: NOW, notAfter: NOW - 2 * DAY } }),
  'address-as-dns-name': badLeaf(san([{ kind: 'dns', value: '10.0.0.7' }])),
  'impossible-dns-name': badLeaf(san([{ kind: 'dns', value: 'https://web.internal' }])),
  'common-name-not-in-alt-names': badLeaf({ commonName: 'old.internal' }),
  'spiffe-exactly-one-uri': badLeaf({ sans: [uri('spiffe://corp/web'), uri('spiffe://corp/other')] }),
  'spiffe-leaf-usage': badLeaf({ ...svid, extensions: [keyUsage(['keyAgreement'])] }),
  'must-staple-without-responder': badLeaf({ extensions: [mustStaple()] }),
  'old-version': badLeaf({ fields: { version: 1 } }),
  'outlives-issuer': asLeaf(leaf(), root({ fields: { notAfter: NOW } })),
  'key-readable-by-others': keyFile({ mode: 0o644 }),
  'key-in-git': keyFile({ mode: 0o600, git: { root: '/repo', tracked: true } }),
  'shared-key': { kind: 'set', members: [asLeaf(leaf()), badLeaf({ sans: [{ kind: 'dns', value: 'mail.internal' }] })] },
  'duplicate-serial': {
    kind: 'set',
    members: [
      badLeaf({ fields: { serial: Uint8Array.of(7) } }),
      badLeaf({ fields: { serial: Uint8Array.of(7), notAfter: NOW + 2 * DAY } }),
    ],
  },
};

describe('every lint', () => {
  it.each(LINTS.map(({ meta }) => meta.name))('%s finds its defect', (name) => {
    const subject = TRIGGERS[name];
    expect(subject, 'a subject that triggers it').toBeDefined();
    if (subject !== undefined) expect(findings(subject)).toContain(name);
  });
  it('finds nothing in what is healthy', () => {
    expect(findings(asLeaf(leaf(), root()))).toEqual([]);
    expect(findings(asLeaf(leaf(svid), root()))).toEqual([]);
    expect(findings(asRoot(root()))).toEqual([]);
    expect(findings(keyFile({ mode: 0o600 }))).toEqual([]);
    expect(findings({ kind: 'set', members: [asLeaf(leaf()), asRoot(root())] })).toEqual([]);
  });
  it('leaves the defects of other lints alone', () => {
    // Some defects bring another with them: those are named here, everything else must stay silent.
    const company: Record<string, string[]> = {
      'old-version': ['no-subject-alt-name', 'no-extended-key-usage', 'no-authority-key-identifier'],
      'validity-reversed': [],
    };
    for (const [name, subject] of Object.entries(TRIGGERS)) {
      if (subject.kind === 'set') continue;
      const others = findings(subject).filter(
        (found) => found !== name && !(company[name] ?? []).includes(found) && found !== 'common-name-not-in-alt-names',
      );
      expect(others, `beside ${name}`).toEqual([]);
    }
  });
  it('says not-applicable where it does not apply, never pass', () => {
    const outcomes = new Map(runLints(LINTS, asRoot(root())).map(({ lint, outcome }) => [lint, outcome]));
    expect(outcomes.get('no-subject-alt-name')).toBe('not-applicable');
    expect(outcomes.get('ca-without-key-usage')).toBe('pass');
    expect(new Map(runLints(LINTS, keyFile({})).map(({ lint, outcome }) => [lint, outcome])).get('key-readable-by-others')).toBe(
      'not-applicable',
    );
  });
});

describe('edges', () => {
  it('90 days are allowed, 91 are long', () => {
    expect(findings(badLeaf({ fields: { notBefore: NOW, notAfter: NOW + 90 * DAY } }))).toEqual([]);
    expect(findings(badLeaf({ fields: { notBefore: NOW, notAfter: NOW + 91 * DAY } }))).toEqual(['long-lifetime']);
  });
  it('serial numbers: negative, zero and 21 octets; 20 are fine', () => {
    const serial = (octets: number): Uint8Array => new Uint8Array(octets).fill(0x11);
    expect(findings(badLeaf({ fields: { serial: serial(20) } }))).toEqual([]);
    expect(findings(badLeaf({ fields: { serial: serial(21) } }))).toEqual(['serial-trouble']);
    const der = Uint8Array.from(leaf({ fields: { serial: serial(9) } }).der);
    const at = Buffer.from(der).indexOf(serial(9));
    der[at] = 0x91;
    expect(findings(asLeaf(parseCertificate(der)))).toEqual(['serial-trouble']);
  });
  it('a renewal with the same key and names is no shared key', () => {
    expect(findings({ kind: 'set', members: [asLeaf(leaf()), badLeaf({ fields: { notAfter: NOW + 5 * DAY } })] })).toEqual([]);
  });
  it('an encrypted key may be readable, and lie in a work tree while git does not keep it', () => {
    expect(findings(keyFile({ mode: 0o644, encrypted: true, git: { root: '/repo', tracked: false } }))).toEqual([]);
    expect(findings(keyFile({ mode: 0o640 }))).toEqual(['key-readable-by-others']);
  });
});

describe('the registry', () => {
  it('holds every lint file once, with everything a person needs', () => {
    const names = readdirSync(new URL('../../src/lib/lint/lints', import.meta.url)).map((file) => file.replace(/\.ts$/, ''));
    expect(LINTS.map(({ meta }) => meta.name).toSorted()).toEqual(names.toSorted());
    for (const { meta } of LINTS) {
      expect(meta.title, meta.name).toMatch(/^[a-zA-Z].{8,90}[^.]$/);
      expect(meta.why.length, meta.name).toBeGreaterThan(60);
      expect(meta.fix.length, meta.name).toBeGreaterThan(5);
      if ('rfc' in meta.citation) expect(meta.citation.section, meta.name).toMatch(/^\d+(?:\.\d+)*$/);
      else expect(meta.citation.url, meta.name).toMatch(/^https:\/\//);
      expect(lintOf(meta.name)?.meta).toBe(meta);
    }
  });
  it('is the table of docs/inspect.md', () => {
    const page = readFileSync(new URL('../../docs/inspect.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (error|warning|info) \| (.+) \|$/gm)].map((row) => row.slice(1));
    expect(rows).toEqual(LINTS.map(({ meta }) => [meta.name, meta.severity, meta.title]));
  });
  it('names only commands and flags that exist', () => {
    const { commands } = JSON.parse(readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as {
      commands: Record<string, { flags: Record<string, unknown> }>;
    };
    for (const { meta } of LINTS) {
      for (const [, words] of meta.fix.matchAll(/tlsmedic ((?:ca )?[a-z-]+(?: [A-Z]+| --?[a-z-]+(?: [\w:/]+)?)*)/g)) {
        const id = /^(?:ca )?[a-z-]+/.exec(words as string)?.[0].replace(' ', ':') ?? '';
        expect(Object.keys(commands), meta.name).toContain(id);
        for (const [, flag] of (words as string).matchAll(/--([a-z-]+)/g))
          expect(Object.keys(commands[id]?.flags ?? {}), `${meta.name}: ${words}`).toContain(flag);
      }
    }
  });
});
