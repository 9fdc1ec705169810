import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { readPemText } from '../../../src/lib/x509/container/pem-text.js';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';

const { root, intermediate } = createAuthority();
const pem = root.pem;
const body = pem.split('\n').slice(1, -2).join('');
const wrapAt = (width: number, end = '\n'): string =>
  `-----BEGIN CERTIFICATE-----${end}${body.match(new RegExp(`.{1,${width}}`, 'g'))?.join(end)}${end}-----END CERTIFICATE-----${end}`;
const lines = pem.split('\n');

/** One certificate in many forms. Whether node reads it is asked of node itself, so that the claims stay true on every version. */
const FORMS: Record<string, string | Buffer> = {
  'as it should be': pem,
  CRLF: wrapAt(64, '\r\n'),
  'CR alone': wrapAt(64, '\r'),
  'one long line': wrapAt(10_000),
  'lines of 76': wrapAt(76),
  'lines of 254': wrapAt(254),
  'no line breaks at all': `-----BEGIN CERTIFICATE-----${body}-----END CERTIFICATE-----\n`,
  'blanks in place of line breaks': `-----BEGIN CERTIFICATE----- ${body} -----END CERTIFICATE-----\n`,
  'line breaks as \\n': pem.replaceAll('\n', '\\n'),
  'BEGIN indented': pem.replace(/^/gm, '  '),
  'body indented': pem.replace(/^(?!-)/gm, '  '),
  'blanks at line ends': pem.replace(/$/gm, '  '),
  'an empty line inside': lines.toSpliced(3, 0, '').join('\n'),
  'no line break at the end': pem.trimEnd(),
  'text before it': `Bag Attributes\n    friendlyName: web\n${pem}`,
  'four dashes': pem.replaceAll('-----', '----'),
  'dashes of a word processor': pem.replaceAll('-----', '—----'),
  'text in front of BEGIN': `cert: ${pem}`,
  'END on the last line of base64': pem.replace('\n-----END', '-----END'),
  'BEGIN on the first line of base64': pem.replace('-----\n', '-----'),
  'label in lower case': pem.replaceAll('CERTIFICATE', 'certificate'),
  'label X509 CERTIFICATE': pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'),
  'UTF-16': Buffer.from(`\ufeff${pem}`, 'utf16le'),
  'UTF-8 with a byte order mark': `\ufeff${pem}`,
};

describe('one certificate in many forms', () => {
  it.each(Object.entries(FORMS))('%s: read, and refused exactly when node refuses it', async (_, form) => {
    const bytes = Buffer.isBuffer(form) ? form : Buffer.from(form);
    let nodeReads = true;
    try {
      new X509Certificate(bytes);
    } catch {
      nodeReads = false;
    }
    const { items, remarks } = await readContainer(bytes, { passphrases: [] });
    expect(items).toMatchObject([{ kind: 'certificate' }]);
    expect(items[0]?.kind === 'certificate' && Buffer.from(items[0].der).equals(root.der)).toBe(true);
    expect(remarks.some(({ level }) => level === 'refused')).toBe(!nodeReads);
  });
});

describe('damaged blocks', () => {
  const problemsOf = (text: string): (string | undefined)[] => [...readPemText(text)].map(({ problem }) => problem);
  it('name what is missing', () => {
    expect(problemsOf(lines.slice(0, 5).join('\n'))).toEqual(['no "-----END CERTIFICATE-----": cut off']);
    expect(problemsOf(lines.slice(4).join('\n'))).toEqual(['"-----END CERTIFICATE-----" without its BEGIN line: the start is cut off']);
    expect(problemsOf(pem.replace('END CERTIFICATE', 'END RSA PRIVATE KEY'))).toEqual([
      'begins as CERTIFICATE and ends as RSA PRIVATE KEY',
    ]);
  });
  it('name the line of the wrong character', () => {
    const broken = lines.toSpliced(3, 1, `${(lines[3] as string).slice(0, -1)}*`).join('\n');
    expect(problemsOf(`\n\n${broken}`)).toEqual(['line 6: the character "*" is not base64']);
  });
  it('do not spoil their neighbours', () => {
    const text = `${lines.slice(0, 5).join('\n')}\n${intermediate.pem}`;
    expect([...readPemText(text)].map(({ problem }) => problem === undefined)).toEqual([false, true]);
  });
  it('show what is left of a certificate that is cut off', async () => {
    const { items } = await readContainer(Buffer.from(lines.slice(0, 8).join('\n')), { passphrases: [] });
    expect(items.map(({ kind }) => kind)).toEqual(['damaged', 'certificate']);
    expect(items[0]).toMatchObject({ problem: expect.stringMatching(/cut off; \d+ of \d+ bytes are missing/) });
    expect(items[1]).toMatchObject({ missingBytes: expect.any(Number) });
  });
  it('glued blocks are both read, and the missing line break is told', async () => {
    const { items, remarks } = await readContainer(Buffer.from(pem.trimEnd() + intermediate.pem), { passphrases: [] });
    expect(items.map(({ kind }) => kind)).toEqual(['certificate', 'certificate']);
    expect(remarks.map(({ text }) => text)).toEqual(['no line break between the END line before it and its BEGIN line']);
  });
});

describe('labels', () => {
  it('the contents decide, and the wrong label is told', async () => {
    const { items, remarks } = await readContainer(Buffer.from(pem.replaceAll('CERTIFICATE', 'PRIVATE KEY')), { passphrases: [] });
    expect(items).toMatchObject([{ kind: 'certificate' }]);
    expect(remarks).toMatchObject([{ level: 'refused', text: 'labelled PRIVATE KEY, but it holds a certificate' }]);
  });
  it('lines and numbers of several blocks', async () => {
    const { items } = await readContainer(Buffer.from(`# root\n${pem}\n# intermediate\n${intermediate.pem}`), { passphrases: [] });
    expect(items.map(({ place }) => [place.path, place.line])).toEqual([
      [['#1'], 2],
      [['#2'], lines.length + 3],
    ]);
  });
});
