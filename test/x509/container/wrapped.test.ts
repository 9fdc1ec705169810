import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { issueCertificate } from '../../../src/lib/ca/issue.js';
import type { ContainerReading } from '../../../src/lib/x509/container/contained.js';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';

const authority = createAuthority();
const issued = issueCertificate(authority, { names: ['web.internal'] });
const keyPem = issued.keyPem as string;
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const read = (input: string | Uint8Array): Promise<ContainerReading> => readContainer(Buffer.from(input), { passphrases: [] });
const found = ({ items }: ContainerReading): string[] => items.map((item) => `${item.kind} @ ${item.place.path.join(' / ')}`);

const secret = (data: Record<string, string>): string =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: shop\ntype: kubernetes.io/tls\ndata:\n${Object.entries(data)
    .map(([name, value]) => `  ${name}: ${value === '' ? '""' : value}\n`)
    .join('')}`;

describe('Kubernetes', () => {
  it('a Secret in YAML and in JSON', async () => {
    const yaml = await read(secret({ 'tls.crt': base64(issued.chainPem), 'tls.key': base64(keyPem), 'ca.crt': '' }));
    expect(yaml.formats[0]).toBe('Kubernetes Secret');
    expect(found(yaml)).toEqual([
      'certificate @ Secret shop/web / tls.crt / #1',
      'certificate @ Secret shop/web / tls.crt / #2',
      'private-key @ Secret shop/web / tls.key',
    ]);
    expect(yaml.remarks).toMatchObject([
      { level: 'note', place: { path: ['Secret shop/web', 'ca.crt'] }, text: expect.stringContaining('is empty') },
    ]);
    const json = await read(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'web', namespace: 'shop' },
        data: { 'tls.crt': base64(issued.certPem) },
      }),
    );
    expect(found(json)).toEqual(['certificate @ Secret shop/web / tls.crt']);
  });
  it('base64 twice, PEM where base64 belongs, and something else in tls.crt', async () => {
    const twice = await read(secret({ 'tls.crt': base64(base64(issued.certPem)) }));
    expect(found(twice)).toEqual(['certificate @ Secret shop/web / tls.crt']);
    expect(twice.remarks.map(({ text }) => text)).toEqual(['base64 twice: it was encoded once more than its place wants']);
    const clear = await read(
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, data: { 'tls.crt': issued.certPem } }),
    );
    expect(clear.remarks.map(({ text }) => text)).toContain('PEM in clear where base64 belongs');
    const html = await read(secret({ 'tls.crt': base64('<!DOCTYPE html><html></html>'), 'tls.key': base64(keyPem) }));
    expect(html.remarks).toMatchObject([{ level: 'refused', text: expect.stringContaining('an HTML page') }]);
  });
  it('a List with a ConfigMap, several documents, key stores as values', async () => {
    const list = await read(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trust' }, data: { 'ca.pem': authority.root.pem, note: 'nothing' } },
          { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { 'tls.crt': base64(issued.certPem) } },
        ],
      }),
    );
    expect(found(list)).toEqual(['certificate @ ConfigMap trust / ca.pem', 'certificate @ Secret a / tls.crt']);
    const stream = await read(
      `${secret({ 'tls.crt': base64(issued.der) })}---\nkind: Service\n---\n${secret({ 'ca.crt': base64(authority.root.pem) })}`,
    );
    expect(found(stream)).toHaveLength(2);
  });
  it('a kubeconfig: who has which, and files that it only names', async () => {
    const reading = await read(
      `apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster:\n    server: https://k\n    certificate-authority-data: ${base64(authority.root.pem)}\nusers:\n- name: ops\n  user:\n    client-certificate-data: ${base64(issued.certPem)}\n    client-key: /srv/ops/key.pem\n`,
    );
    expect(reading.formats[0]).toBe('kubeconfig');
    expect(found(reading)).toEqual([
      'certificate @ cluster prod / certificate-authority-data',
      'certificate @ user ops / client-certificate-data',
    ]);
    expect(reading.remarks.map(({ text }) => text)).toEqual(['refers to the file /srv/ops/key.pem, which is not looked into']);
  });
  it('webhook caBundle, requests and other objects by what is in their strings', async () => {
    const reading = await read(
      `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata:\n  name: guard\nwebhooks:\n- name: a\n  clientConfig:\n    caBundle: ${base64(authority.root.pem)}\n`,
    );
    expect(found(reading)).toEqual(['certificate @ ValidatingWebhookConfiguration guard / webhooks / [0] / clientConfig / caBundle']);
  });
});

describe('environment files and other text', () => {
  it('values with \\n, with real line breaks, and base64', async () => {
    const reading = await read(
      `# settings\nPORT=8443\nexport TLS_CERT="${issued.certPem.replaceAll('\n', '\\n')}"\nTLS_KEY=${base64(keyPem)}\nCA='${authority.root.pem}'\n`,
    );
    expect(found(reading)).toEqual(['certificate @ TLS_CERT', 'private-key @ TLS_KEY', 'certificate @ CA']);
    expect(reading.remarks).toEqual([]);
  });
  it('Helm values: block scalars and base64 side by side', async () => {
    const reading = await read(`web:\n  cert: |\n${issued.certPem.replace(/^/gm, '    ')}\n  ca: ${base64(authority.root.pem)}\n`);
    expect(found(reading).map((line) => line.split(' ')[0])).toEqual(['certificate', 'certificate']);
    expect(reading.remarks).toEqual([]);
  });
  it('dumps with offsets, as xxd and hexdump -C print them; not one with lines left out, nor text that begins with zeros', async () => {
    const lines = (width: number, line: (offset: string, bytes: Buffer) => string): string => {
      const text: string[] = [];
      for (let at = 0; at < issued.der.length; at += width)
        text.push(line(at.toString(16).padStart(8, '0'), Buffer.from(issued.der.subarray(at, at + width))));
      return text.join('\n');
    };
    const shown = (bytes: Buffer): string => bytes.toString('latin1').replace(/[^ -~]/g, '.');
    const pairs = (bytes: Buffer): string => bytes.toString('hex').replace(/..(?=.)/g, '$& ');
    const xxd = lines(16, (offset, bytes) => `${offset}: ${bytes.toString('hex').replace(/....(?=.)/g, '$& ')}  ${shown(bytes)}`);
    const hexdump = lines(
      16,
      (offset, bytes) => `${offset}  ${pairs(bytes.subarray(0, 8))}  ${pairs(bytes.subarray(8))}  |${shown(bytes)}|`,
    );
    for (const text of [xxd, `${hexdump}\n${issued.der.length.toString(16).padStart(8, '0')}\n`]) {
      const { items, formats } = await readContainer(Buffer.from(text), { passphrases: [] });
      expect(formats[0]).toBe('hex');
      expect(items).toMatchObject([{ kind: 'certificate' }]);
    }
    for (const text of [xxd.split('\n').toSpliced(3, 1, '*').join('\n'), '0000 not a dump\n', '00000000: \n', '0'.repeat(200)])
      expect((await readContainer(Buffer.from(text), { passphrases: [] })).instead).toMatchObject({
        what: expect.stringMatching(/text|hex/),
      });
  });
  it('bare base64 of DER, of PEM, a hex dump, JSON with PEM in it', async () => {
    for (const form of [
      base64(issued.der),
      base64(issued.certPem),
      Buffer.from(issued.der).toString('hex'),
      (Buffer.from(issued.der).toString('hex').match(/../g) ?? []).join(':'),
    ]) {
      const reading = await read(form);
      expect(reading.items).toMatchObject([{ kind: 'certificate' }]);
      expect(reading.remarks).toMatchObject([{ level: 'refused' }]);
    }
    expect(found(await read(JSON.stringify({ data: { certificate: issued.certPem, ca_chain: [authority.root.pem] } })))).toEqual([
      'certificate @ data / certificate',
      'certificate @ data / ca_chain / [0]',
    ]);
  });
  it('JSON Web Keys, private ones as facts', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const reading = await read(JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] }));
    expect(reading.items).toMatchObject([{ kind: 'private-key', key: { format: 'JSON Web Key', encrypted: false } }]);
    expect(JSON.stringify(reading)).not.toContain((privateKey.export({ format: 'jwk' }) as { d: string }).d);
  });
});

describe('what it is instead', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'empty'],
    ['blanks', '  \n\n', 'blank'],
    ['a web page', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', 'an HTML page'],
    ['an API error', '{"errors":["permission denied"]}', 'a JSON error answer'],
    [
      'a Kubernetes error',
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"secrets \\"x\\" not found"}',
      'a JSON error answer',
    ],
    ['an SSH public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustAnExampleOfTheFormHereOnly you@host', 'an SSH public key'],
    ['a PGP key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n', 'a PGP public key'],
    [
      'an OpenSSH key',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64('openssh-key-v1\0')}\n-----END OPENSSH PRIVATE KEY-----\n`,
      'a private key of OpenSSH',
    ],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), 'gzip data'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n', 'a Git LFS pointer'],
    ['a dump of openssl', 'Certificate:\n    Data:\n        Version: 3 (0x2)\n', 'the text dump of a certificate'],
    ['a placeholder', '{{ .Values.tls.crt }}', 'a placeholder'],
    ['a file name', '/etc/ssl/web.pem\n', 'the name of a file'],
    ['an HTTP answer', 'HTTP/1.1 404 Not Found\r\n\r\n', 'an HTTP answer'],
    ['prose', 'meet me at noon', 'text without'],
  ])('%s', async (_, input, what) => {
    const { instead, items } = await read(input);
    expect(instead?.what).toContain(what);
    expect(items.filter(({ kind }) => kind !== 'other')).toEqual([]);
  });
});
