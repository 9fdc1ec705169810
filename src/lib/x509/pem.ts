/** PEM armour (RFC 7468): finding blocks in any text, and writing them. */

/** One block between BEGIN and END lines. */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY`... */
  label: string;
  der: Uint8Array;
  /** Encapsulated headers of the old form (`Proc-Type: 4,ENCRYPTED`), lower-case names. */
  headers: Record<string, string>;
  /** Line of the BEGIN line, from 1. */
  line: number;
  /** What is wrong with it; `der` then holds what could be decoded. */
  problem?: string;
}

const BEGIN = /-----BEGIN ([A-Za-z0-9][A-Za-z0-9 #/_.-]{0,60})-----/g;
const MAX_BLOCKS = 100_000;

/**
 * Every PEM block of a text, in order: CRLF, BOM, indentation, text before, between and after, and the two characters `\n` in place of
 * line ends (environment variables, JSON) are all read. Never throws; a broken block carries its `problem`.
 */
export function readPem(text: string, limit = MAX_BLOCKS): PemBlock[] {
  const source = text.includes('\\n') ? text.replace(/\\r|\\n/g, '\n') : text;
  const blocks: PemBlock[] = [];
  let line = 1;
  let counted = 0;
  BEGIN.lastIndex = 0;
  for (let match = BEGIN.exec(source); match !== null && blocks.length < limit; match = BEGIN.exec(source)) {
    for (let i = source.indexOf('\n', counted); i >= 0 && i < match.index; i = source.indexOf('\n', i + 1)) line++;
    counted = match.index;
    const label = match[1] as string;
    const from = match.index + match[0].length;
    const endLine = `-----END ${label}-----`;
    let to = source.indexOf('-----', from);
    const closed = to >= 0 && source.startsWith(endLine, to);
    let problem: string | undefined;
    if (!closed) {
      problem =
        to < 0
          ? `no line "${endLine}": the file is cut off`
          : source.startsWith('-----BEGIN', to)
            ? `another block begins before "${endLine}"`
            : `ends with another label than it begins (${label})`;
      if (to < 0) to = source.length;
    }
    const { headers, body } = splitHeaders(source.slice(from, to));
    const decoded = decodeBase64(body);
    problem ??= decoded.problem;
    blocks.push({ label, der: decoded.bytes, headers, line, ...(problem === undefined ? {} : { problem }) });
    BEGIN.lastIndex = Math.max(to, from);
  }
  return blocks;
}

function splitHeaders(block: string): { headers: Record<string, string>; body: string } {
  const headers: Record<string, string> = {};
  if (!block.includes(':')) return { headers, body: block };
  const lines = block.split('\n');
  let last = '';
  let i = 0;
  for (; i < lines.length; i++) {
    const text = (lines[i] ?? '').trimEnd();
    const match = /^\s*([A-Za-z][A-Za-z0-9-]*): ?(.*)$/.exec(text);
    if (match !== null) {
      last = (match[1] as string).toLowerCase();
      headers[last] = match[2] as string;
    } else if (last !== '' && /^\s+\S/.test(text)) {
      headers[last] += text.trim();
    } else if (text.trim() !== '' || last !== '') {
      break;
    }
  }
  return { headers, body: lines.slice(i).join('\n') };
}

function decodeBase64(body: string): { bytes: Uint8Array; problem?: string } {
  const text = body.replace(/\s+/g, '');
  if (text === '') return { bytes: new Uint8Array(0), problem: 'nothing between its BEGIN and END lines' };
  const buffer = Buffer.from(text, 'base64');
  const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    const bad = /[^A-Za-z0-9+/=]/.exec(text);
    return { bytes, problem: bad === null ? 'base64 padding in the middle' : `character ${JSON.stringify(bad[0])} is not base64` };
  }
  if (text.replace(/=+$/, '').length % 4 === 1) return { bytes, problem: 'base64 of an impossible length: characters are missing' };
  return { bytes };
}

/** A block with lines of 64 characters and a line end after the last. */
export function writePem(label: string, der: Uint8Array): string {
  const text = Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64');
  return `-----BEGIN ${label}-----\n${text.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** DER of all certificates in a text, at most `limit`. A TRUSTED CERTIFICATE's trailing trust settings are left out. */
export function certificatesFromPem(text: string, limit = MAX_BLOCKS): Uint8Array[] {
  return readPem(text, limit)
    .filter(({ label, der }) => CERTIFICATE_LABELS.has(label) && der.length > 0)
    .map(({ label, der }) => (label === 'TRUSTED CERTIFICATE' ? firstElement(der) : der));
}

/** DER of all CRLs in a text. */
export function crlsFromPem(text: string): Uint8Array[] {
  return readPem(text)
    .filter(({ label, der }) => (label === 'X509 CRL' || label === 'CRL') && der.length > 0)
    .map(({ der }) => der);
}

/** The bytes of the first element, when it has a definite length that fits. */
function firstElement(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0;
  if (first < 0x80) return der.subarray(0, 2 + first);
  let length = 0;
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) return der;
  for (let i = 0; i < octets; i++) length = length * 256 + (der[2 + i] ?? 0);
  return der.subarray(0, 2 + octets + length);
}
