import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import * as der from '../../src/lib/ca/der-writer.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { createFaultIssuers } from '../../src/lib/ca/fault-issuers.js';
import { FAULT_NAMES, issueFaulty } from '../../src/lib/ca/faults.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { generateKeyPair } from '../../src/lib/ca/key-pair.js';
import { verifyChain } from '../../src/lib/operations/verify-chain.js';
import { certificatesFromPem, writePem } from '../../src/lib/x509/pem.js';
import { chain, type Entity, type EntityRequest, make } from './tree.js';

/** The profiles `openssl` and `go` against the runtimes themselves, on every fault that the authority can make and on what they differ about. */

const folder = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-runtimes-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Case {
  leaf: string;
  rest: string[];
  roots: string[];
  host: string;
}

const now = Date.now();
const pem = ({ der }: Pick<Entity, 'der'>): string => writePem('CERTIFICATE', der);
const cases = new Map<string, Case>();

function faults(): void {
  const authority = createAuthority({ name: 'Runtimes', now });
  const issuers = createFaultIssuers(authority.root, authority.intermediate, now);
  const request = { names: ['api.internal'], profile: 'server' as const, now };
  const add = (name: string, chainPem: string): void => {
    const [leaf = '', ...rest] = certificatesFromPem(chainPem).map((der) => pem({ der }));
    cases.set(name, { leaf, rest, roots: [authority.root.pem], host: 'api.internal' });
  };
  add('no fault', issueCertificate(authority, request).certPem + authority.intermediate.pem);
  // Those whose fault is not in the chain are left out.
  for (const fault of FAULT_NAMES)
    if (!['wrong-order', 'revoked', 'key-mismatch'].includes(fault)) add(fault, issueFaulty(fault, authority, issuers, request).chainPem);
}

function differences(): void {
  const add = (name: string, request: EntityRequest, host = 'api.internal'): void => {
    const window = { notBefore: now - 3_600_000, notAfter: now + 86_400_000 };
    const { root, intermediate, leaf } = chain({ ...window, ...request }, window, window);
    cases.set(name, { leaf: pem(leaf), rest: [pem(intermediate)], roots: [pem(root)], host });
  };
  add('anyExtendedKeyUsage', { extensions: [ext.extendedKeyUsage(['any'])] });
  add('keyUsage without use for TLS', { extensions: [ext.keyUsage(['nonRepudiation'])] });
  add('unknown critical extension', { extensions: [{ oid: '1.3.6.1.4.1.55555.1', critical: true, value: Uint8Array.of(5, 0) }] });
  add('wildcard', { sans: ['*.api.internal'] }, 'a.api.internal');
  add('wildcard under a top-level name', { extensions: [ext.subjectAltNames([{ kind: 'dns', value: '*.internal' }])] });
  const constraint = (kind: number, value: string) => ({
    oid: '2.5.29.30',
    critical: true,
    value: der.sequence(der.contextConstructed(0, der.sequence(der.contextPrimitive(kind, Buffer.from(value))))),
  });
  const below = (name: string, extension: ReturnType<typeof constraint>, sans: string[]): void => {
    const window = { notBefore: now - 3_600_000, notAfter: now + 86_400_000 };
    const { root, intermediate, leaf } = chain({ ...window, sans }, { ...window, extensions: [extension] }, window);
    cases.set(name, { leaf: pem(leaf), rest: [pem(intermediate)], roots: [pem(root)], host: 'api.internal' });
  };
  below('a host as constraint on URIs, and a name below it', constraint(6, 'internal'), ['api.internal', 'spiffe://prod.internal/sa/x']);
  below('a host as constraint on URIs, and that host', constraint(6, 'prod.internal'), ['api.internal', 'spiffe://prod.internal/sa/x']);
  below('a DNS constraint with a leading dot', constraint(2, '.internal'), ['api.internal']);
  add('a critical subject key identifier', { extensions: [{ oid: '2.5.29.14', critical: true, value: Uint8Array.of(4, 1, 7) }] });
  add('a default written out', { extensions: [{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 3, 1, 1, 0) }] });
  add('BOOLEAN 1', { extensions: [{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 3, 1, 1, 1) }] });
  add('octets after an extension', { extensions: [{ oid: '2.5.29.15', critical: true, value: Uint8Array.of(3, 2, 7, 0x80, 0) }] });
  add('an explicit policy, and none', { extensions: [{ oid: '2.5.29.36', critical: true, value: Uint8Array.of(0x30, 3, 0x80, 1, 0) }] });
  add('the serial number zero', { serial: Uint8Array.of(0) });
  const ec = generateKeyPair('p256');
  add('a key off its curve', {
    key: { ...ec, spki: Uint8Array.from(ec.spki, (octet, i) => (i === ec.spki.length - 1 ? octet ^ 1 : octet)) },
  });
  add('no key identifiers', { without: ['2.5.29.14', '2.5.29.35'] });
  const window = { notBefore: now - 3_600_000, notAfter: now + 86_400_000 };
  const root = make({ cn: 'Root', ca: true, ...window });
  const key = generateKeyPair('p256');
  // Two certificates of one intermediate; the one that comes first leads nowhere, so who does not go back fails.
  const astray = make({ cn: 'CA', ca: true, key, issuer: make({ cn: 'Gone', ca: true, ...window }), ...window });
  const right = make({ cn: 'CA', ca: true, key, issuer: root, ...window });
  const leaf = make({ cn: 'api', sans: ['api.internal'], issuer: right, ...window });
  cases.set('an issuer that leads nowhere first', {
    leaf: pem(leaf),
    rest: [pem(astray), pem(right)],
    roots: [pem(root)],
    host: 'api.internal',
  });
  cases.set('an issuer that leads nowhere last', {
    leaf: pem(leaf),
    rest: [pem(right), pem(astray)],
    roots: [pem(root)],
    host: 'api.internal',
  });
}
faults();
differences();

const ours = async (profile: 'openssl' | 'go', { leaf, rest, roots, host }: Case): Promise<string> => {
  const { valid, causes } = await verifyChain({ leaf, intermediates: rest, roots, hostname: host, profile, effort: 'verdict' });
  return valid ? 'valid' : `invalid: ${causes[0]?.code}`;
};

describe('profile openssl', () => {
  const there = spawnSync('openssl', ['version']).status === 0;
  it.skipIf(!there).each([...cases])('judges as openssl verify: %s', async (name, test) => {
    const file = (suffix: string, text: string): string => {
      const path = join(folder, `${name.replace(/\W/g, '-')}.${suffix}`);
      fs.writeFileSync(path, text);
      return path;
    };
    const args = [
      'verify',
      '-no-CApath',
      '-no-CAstore',
      '-purpose',
      'sslserver',
      '-auth_level',
      '2',
      '-verify_hostname',
      test.host,
      '-CAfile',
      file('roots', test.roots.join('')),
    ];
    if (test.rest.length > 0) args.push('-untrusted', file('rest', test.rest.join('')));
    const { status, stderr } = spawnSync('openssl', [...args, file('leaf', test.leaf)], { encoding: 'utf8' });
    const theirs = status === 0 ? 'valid' : 'invalid';
    expect([name, (await ours('openssl', test)).split(':')[0], theirs === 'valid' ? '' : stderr.split('\n')[0] !== '']).toEqual([
      name,
      theirs,
      theirs === 'valid' ? '' : true,
    ]);
  });
});

const GO = `package main
import ("crypto/x509"; "encoding/json"; "encoding/pem"; "fmt"; "os")
type Case struct { Name, Leaf, Host string; Rest, Roots []string }
func main() {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil { panic(err) }
	for _, c := range cases {
		roots, rest := x509.NewCertPool(), x509.NewCertPool()
		for _, r := range c.Roots { roots.AppendCertsFromPEM([]byte(r)) }
		for _, r := range c.Rest { rest.AppendCertsFromPEM([]byte(r)) }
		block, _ := pem.Decode([]byte(c.Leaf))
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err == nil { _, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: rest, DNSName: c.Host}) }
		fmt.Printf("%s\\t%v\\n", c.Name, err)
	}
}`;

describe('profile go', () => {
  const go = ['go', '/usr/local/go/bin/go'].find((program) => spawnSync(program, ['version']).status === 0);
  it.skipIf(go === undefined)('judges as crypto/x509', { timeout: 240_000 }, async () => {
    fs.writeFileSync(join(folder, 'main.go'), GO);
    fs.writeFileSync(join(folder, 'go.mod'), 'module verify\n\ngo 1.19\n');
    const input = JSON.stringify(
      [...cases].map(([name, { leaf, rest, roots, host }]) => ({ Name: name, Leaf: leaf, Rest: rest, Roots: roots, Host: host })),
    );
    const { stdout, stderr, status } = spawnSync(go as string, ['run', '.'], {
      cwd: folder,
      input,
      encoding: 'utf8',
      env: {
        ...process.env,
        GOFLAGS: '-mod=mod',
        GOTOOLCHAIN: 'local',
        GOCACHE: process.env.GOCACHE ?? join(folder, 'cache'),
        HOME: process.env.HOME ?? folder,
      },
    });
    expect([status, stderr]).toEqual([0, '']);
    const theirs = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );
    for (const [name, test] of cases) {
      const error = theirs.get(name);
      expect([name, (await ours('go', test)).split(':')[0]]).toEqual([name, error === '<nil>' ? 'valid' : 'invalid']);
    }
  });
});
