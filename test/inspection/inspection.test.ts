import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAuthority, signAuthority } from '../../src/lib/ca/authority.js';
import { createCrl } from '../../src/lib/ca/crl.js';
import { type IssuedCertificate, issueCertificate } from '../../src/lib/ca/issue.js';
import { generateKeyPair } from '../../src/lib/ca/key-pair.js';
import type { Inspection } from '../../src/lib/inspection/inspection.js';
import { nameOfCertificate } from '../../src/lib/inspection/judgement.js';
import { verdictOf } from '../../src/lib/inspection/verdict.js';
import { inspect, inspectionExitStatus } from '../../src/lib/operations/inspect.js';
import { dumpPieces } from '../../src/lib/report/certificate-dump.js';
import { inspectionDocument, inspectionJson } from '../../src/lib/report/inspection-json.js';
import { renderInspection } from '../../src/lib/report/inspection-text.js';
import { toJson } from '../../src/lib/report/json.js';
import { orderedPem } from '../../src/lib/report/ordered-pem.js';
import { plainView } from '../../src/lib/report/view.js';
import { expectConforms } from '../cli/conforms.js';
import { HAS_OPENSSL, runIn } from '../x509/container/programs.js';

const now = Date.now();
const authority = createAuthority({ now });
const web = issueCertificate(authority, { names: ['web.internal'], now });
const mail = issueCertificate(authority, { names: ['mail.internal'], now });
const { root, intermediate } = authority;

/** Inspects texts as files of these names. */
const look = (files: Record<string, string | Uint8Array>): Promise<Inspection> =>
  inspect(
    Object.entries(files).map(([label, content]) => ({ label, bytes: Buffer.from(content) })),
    { at: now },
  );
const keyOf = ({ keyPem }: IssuedCertificate): string => keyPem as string;
const codes = ({ judgement }: Inspection): string[] => judgement.causes.map(({ code }) => code);
const warningCodes = ({ judgement }: Inspection): string[] => judgement.warnings.map(({ code }) => code);

describe('keys and certificates', () => {
  it.each<[string, Record<string, string>]>([
    ['given together', { 'a.pem': web.certPem, 'b.pem': keyOf(web) }],
    ['in one file, key first', { 'all.pem': keyOf(web) + web.chainPem }],
    ['named as a pair', { 'web.crt': web.certPem, 'web.key': keyOf(web), 'mail.crt': mail.certPem, 'mail.key': keyOf(mail) }],
    ['as mkcert names them', { 'web.pem': web.certPem, 'web-key.pem': keyOf(web) }],
    ['as certbot names them', { 'fullchain.pem': web.chainPem, 'privkey.pem': keyOf(web) }],
  ])('%s: they fit', async (_, files) => {
    const inspection = await look(files);
    expect(inspection.pairs.map(({ verdict }) => verdict)).toEqual(inspection.pairs.map(() => 'fits'));
    expect(inspection.pairs.length).toBeGreaterThan(0);
    expect(inspectionExitStatus(inspection)).toBe(0);
    expect(verdictOf(inspection).level).toBe('ok');
  });
  it.each<[string, Record<string, string>, number]>([
    ['given together', { 'a.pem': web.certPem, 'b.pem': keyOf(mail) }, 1],
    ['in one file', { 'all.pem': web.chainPem + keyOf(mail) }, 1],
    ['swapped between two pairs', { 'web.crt': web.certPem, 'web.key': keyOf(mail), 'mail.crt': mail.certPem, 'mail.key': keyOf(web) }, 2],
  ])('%s: they do not fit', async (_, files, times) => {
    const inspection = await look(files);
    expect(codes(inspection)).toEqual(Array.from({ length: times }, () => 'key-mismatch'));
    expect(inspectionExitStatus(inspection)).toBe(21);
    expect(verdictOf(inspection)).toMatchObject({ level: 'fail', statement: expect.stringContaining('does not fit') });
  });
  it.skipIf(!HAS_OPENSSL)('a key and a request, fitting and not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-csr-'));
    writeFileSync(join(folder, 'k'), keyOf(web), { mode: 0o600 });
    runIn(folder, 'openssl', 'req', '-new', '-key', 'k', '-subj', '/CN=web', '-out', 'r');
    const request = readFileSync(join(folder, 'r'), 'utf8');
    rmSync(folder, { recursive: true });
    const fits = await look({ 'web.csr': request, 'web.key': keyOf(web) });
    expect([verdictOf(fits).statement, inspectionExitStatus(fits)]).toEqual(['key and request belong together', 0]);
    expect(codes(await look({ 'web.csr': request, 'web.key': keyOf(mail) }))).toEqual(['key-mismatch']);
  });
  it('a CA with a key that is not its own', async () => {
    expect(codes(await look({ 'root.pem': root.pem, 'any.pem': keyOf(web) }))).toEqual(['key-mismatch']);
  });
  it('a swapped key is told where it belongs', async () => {
    const inspection = await look({ 'web.crt': web.certPem, 'web.key': keyOf(mail), 'mail.crt': mail.certPem });
    expect(inspection.judgement.causes[0]?.summary).toContain('but mail.internal in mail.crt');
  });
  it('keys of other services beside one certificate are no mismatch', async () => {
    const inspection = await look({
      'web.crt': web.certPem,
      'other.key': keyOf(mail),
      'third.key': keyOf(issueCertificate(authority, { names: ['x.internal'], now })),
    });
    expect(codes(inspection)).toEqual([]);
  });
});

describe('chains', () => {
  it('finds the order and whether it is complete', async () => {
    const inspection = await look({ 'all.pem': web.certPem + intermediate.pem + root.pem });
    expect(inspection.relations.chains).toMatchObject([{ complete: true }]);
    expect(inspection.relations.orders).toMatchObject([{ inOrder: true, leafFirst: true, strangers: [] }]);
    expect(verdictOf(inspection).statement).toContain('chain complete and in order');
    expect((await look({ 'web.pem': web.chainPem })).relations.chains).toMatchObject([{ complete: false }]);
  });
  it('the end entity not first, with its key: what programs call a mismatch', async () => {
    const inspection = await look({ 'web.crt': intermediate.pem + web.certPem, 'web.key': keyOf(web) });
    expect(codes(inspection)).toEqual(['key-mismatch']);
    expect(inspection.judgement.causes[0]?.summary).toContain('does not begin with its end entity certificate');
    const { blocks, notices } = orderedPem(inspection.inventory);
    const text = [...blocks].join('');
    expect(text).toBe(web.certPem + intermediate.pem);
    expect(notices.join()).toContain('1 private key left out');
  });
  it('without a key it is a warning; so is a wrong order above the end entity, and a stranger', async () => {
    expect(warningCodes(await look({ 'a.pem': intermediate.pem + web.certPem }))).toEqual(['key-mismatch']);
    const swapped = await look({ 'a.pem': web.certPem + root.pem + intermediate.pem });
    expect(warningCodes(swapped)).toEqual(['bad-pem']);
    expect([...orderedPem(swapped.inventory).blocks].join('')).toBe(web.certPem + intermediate.pem + root.pem);
    const other = createAuthority({ name: 'other', now });
    const stranger = await look({ 'a.pem': web.chainPem + other.root.pem });
    expect(stranger.relations.orders[0]?.strangers.map(nameOfCertificate)).toEqual(['other Root']);
    expect(warningCodes(stranger)).toEqual(['bad-pem']);
  });
  it('duplicates across files', async () => {
    const inspection = await look({ 'a.pem': web.chainPem, 'b.pem': intermediate.pem });
    expect(inspection.relations.duplicates.map((copies) => copies.map(({ where }) => where.text))).toEqual([['a.pem #2', 'b.pem']]);
  });
  it('an issuer of the right name with another key is no issuer: a stale bundle', async () => {
    const twin = createAuthority({ now });
    const inspection = await look({ 'web.pem': web.certPem, 'old.pem': twin.intermediate.pem });
    expect(inspection.relations.chains).toMatchObject([{ complete: false, members: [expect.anything()] }]);
    expect(warningCodes(inspection)).toEqual(['stale-trust-bundle']);
  });
  it('without key identifiers the signature decides', async () => {
    const common = {
      commonName: 'Same Name',
      keyType: 'p256' as const,
      notBefore: now - 1000,
      notAfter: now + 1e9,
      without: ['2.5.29.14', '2.5.29.35'],
    };
    const [one, two] = [signAuthority(common), signAuthority(common)];
    const child = signAuthority({ ...common, commonName: 'Child' }, two);
    const inspection = await look({ 'one.pem': one.pem, 'two.pem': two.pem, 'child.pem': child.pem });
    expect(inspection.inventory.certificates[2]?.issuer?.where.text).toBe('two.pem');
  });
  it('a circle of cross-signs ends', async () => {
    const common = { keyType: 'p256' as const, notBefore: now - 1000, notAfter: now + 1e9 };
    const pair = generateKeyPair('p256');
    const a = signAuthority({ ...common, commonName: 'A', keyPair: pair });
    const b = signAuthority({ ...common, commonName: 'B' }, a);
    const crossed = signAuthority({ ...common, commonName: 'A', keyPair: pair }, b);
    const inspection = await look({ 'circle.pem': b.pem + crossed.pem });
    const [first, second] = inspection.inventory.certificates;
    expect([first?.issuer, second?.issuer]).toEqual([second, first]);
    expect([...orderedPem(inspection.inventory).blocks].join('').match(/BEGIN/g)).toHaveLength(2);
  });
});

describe('judgement', () => {
  it('expired and not yet valid are warnings here: the clock was not checked', async () => {
    const old = issueCertificate(
      authority,
      { names: ['web.internal'], now, notBefore: now - 9e6, notAfter: now - 3.6e6 },
      { unchecked: true },
    );
    const inspection = await look({ 'old.pem': old.certPem });
    expect(warningCodes(inspection)).toEqual(['expired']);
    expect(inspectionExitStatus(inspection)).toBe(0);
    expect(verdictOf(inspection)).toMatchObject({ level: 'warn', statement: 'expired 1 h ago' });
    const early = await inspect([{ label: 'web.pem', bytes: Buffer.from(web.certPem) }], { at: now - 86_400_000 });
    expect(verdictOf(early).statement).toContain('not valid yet: begins in 23 h');
  });
  it('a malformed certificate is shown as far as it goes, exit status 17', async () => {
    const der = Uint8Array.from(web.der);
    const at = Buffer.from(der).indexOf(new Date(web.notBefore).toISOString().replaceAll(/[-:T]/g, '').slice(2, 12), 0, 'latin1');
    der.set(Buffer.from('13'), at + 2);
    const inspection = await look({ 'broken.der': der });
    expect(codes(inspection)).toEqual(['malformed']);
    expect(inspectionExitStatus(inspection)).toBe(17);
    expect(renderInspection(inspection, plainView())).toMatch(/byte \d+: notBefore: month 13/);
  });
  it('a signature that its own issuer did not make', async () => {
    const forged = issueCertificate(authority, { names: ['web.internal'], now }, { breakSignature: true });
    const inspection = await look({ 'web.pem': forged.chainPem });
    expect(codes(inspection)).toEqual(['bad-signature']);
    expect(inspectionExitStatus(inspection)).toBe(17);
  });
  it('a CRL says which of the certificates here it revokes', async () => {
    const serial = inspectionDocument(await look({ 'web.pem': web.certPem })).certificates[0]?.serial ?? '';
    const crl = createCrl({
      issuer: intermediate,
      thisUpdate: now,
      nextUpdate: now + 1e8,
      number: 1,
      revoked: [{ serial, at: now - 1000 }],
    });
    const inspection = await look({ 'web.pem': web.certPem, 'ca.crl': crl.pem });
    expect(inspectionDocument(inspection).revocationLists[0]?.revokes).toEqual(['certificate 1']);
    expect(renderInspection(inspection, plainView())).toContain('revoked');
  });
  it('nothing of PKI, damaged, shut: never exit status 0', async () => {
    expect(inspectionExitStatus(await look({ 'a.html': '<!doctype html>' }))).toBe(2);
    expect(inspectionExitStatus(await look({ 'a.pem': web.certPem.slice(0, 300) }))).toBe(21);
    expect(inspectionExitStatus(await look({ 'a.pem': web.certPem, empty: '' }))).toBe(2);
    expect(inspectionExitStatus(await inspect(['/nonexistent/file.pem'], { at: now }))).toBe(2);
  });
});

describe('screens and documents', () => {
  const hostile = issueCertificate(
    authority,
    { names: ['web.internal'], now, commonName: 'a\u001b[31mred\u202egnp.exe\u0007', organization: 'x\ny' },
    { unchecked: true },
  );
  it('nothing from a certificate reaches the terminal raw', async () => {
    const inspection = await look({ 'evil\u001b]0;x\u0007.pem': hostile.certPem, 'b.pem': web.chainPem + keyOf(web) });
    const view = plainView();
    for (const text of [
      renderInspection(inspection, view),
      [...dumpPieces(inspection, view)].join(''),
      toJson(inspectionDocument(inspection)),
    ]) {
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }
    expect(renderInspection(inspection, view)).toContain('\\x1b[31mred\\u{202e}gnp.exe\\x07');
  });
  it('the document keeps to its schema and holds no private key', async () => {
    const inspection = await look({
      'all.pem': web.chainPem + keyOf(web),
      'x.pem': hostile.certPem,
      'trunc.pem': web.certPem.slice(0, 300),
    });
    const document = inspectionDocument(inspection);
    expectConforms(JSON.parse(toJson(document)));
    for (const line of keyOf(web).split('\n').slice(1, -2)) expect(toJson(document)).not.toContain(line);
    expect(document.certificates[0]).toMatchObject({
      id: 'certificate 1',
      pem: web.certPem,
      role: 'leaf',
      names: [{ kind: 'dns', value: 'web.internal' }],
    });
    expect(document.certificates[0]?.extensions.every(({ value }) => value !== null)).toBe(true);
  });
  it('the text in pieces is that of the document', async () => {
    const all: Record<string, string>[] = [
      { 'all.pem': web.chainPem + keyOf(web), 'x.pem': hostile.certPem, 'trunc.pem': web.certPem.slice(0, 300) },
      { 'login.html': '<html>' },
    ];
    for (const files of all) {
      const inspection = await look(files);
      expect([...inspectionJson(inspection)].join('')).toBe(toJson(inspectionDocument(inspection)));
    }
  });
  it.each([40, 80, 140])('keeps to %i columns but for what must stay whole', async (width) => {
    const inspection = await look({ 'all.pem': web.chainPem + keyOf(web), 'mail.pem': mail.certPem });
    for (const line of renderInspection(inspection, plainView({ width })).split('\n')) {
      if (!/[0-9a-f]{16}|tlsmedic/.test(line)) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });
  it('many certificates become a table, the first to expire on top', async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 9; i++)
      files[`s${i}.pem`] = issueCertificate(authority, { names: [`s${i}.internal`], now, notAfter: now + (9 - i) * 3.6e6 }).certPem;
    const lines = renderInspection(await look(files), plainView({ width: 100 })).split('\n');
    expect(lines[2]).toMatch(/^name +time +until +role/);
    expect(lines[3]).toMatch(/^s8\.internal/);
  });
});
