/**
 * Reads whatever may carry certificates and keys, by its contents and never by its name: binary structures, key stores, PEM in any
 * wrapping, Kubernetes objects, kubeconfig, environment files. Nothing is thrown for what is in the bytes; everything is bounded.
 */
import { looksLikeBouncyCastleStore, readBouncyCastleStore } from './bks.js';
import { CONTAINER_LIMITS, Collector, type ContainerReading, type InsteadOf, type Place, type ReadOptions } from './contained.js';
import { decodeBase64Text, decodeHexText, findEmbeddedBase64 } from './encoded-text.js';
import { readEnvironmentFile } from './environment-file.js';
import { recogniseBinary, recogniseText } from './instead-of.js';
import { looksLikeJavaKeyStore, readJavaKeyStore } from './jks.js';
import { mayHoldPem } from './pem-text.js';
import { readJwk } from './private-key.js';
import { looksLikeDer, readDerBytes } from './read-der.js';
import { readPem } from './read-pem.js';
import { looksLikeKubernetesYaml, parseJson, parseYaml, type Tree, type TreeContents, walkTrees } from './structured-text.js';
import { textOf } from './text-form.js';

const TOP: Place = { path: [] };
/** Names of entries that ought to hold certificates or keys: worth a word when they do not. */
const EXPECTED_ENTRY = /(?:\.(?:crt|cer|pem|key|p12|pfx|jks|der)|-data|^(?:tls|ca|cert|key|certificate)\b.*)$/i;

/** Reads one input. Private keys come out as facts and public halves. */
export async function readContainer(bytes: Uint8Array, options: ReadOptions): Promise<ContainerReading> {
  const collector = new Collector(options);
  if (bytes.length > CONTAINER_LIMITS.bytes) {
    collector.reading.instead = { what: `too large: ${bytes.length} bytes, at most ${CONTAINER_LIMITS.bytes} are read` };
    return collector.reading;
  }
  const instead = await readBytes(bytes, TOP, collector, 0);
  const { reading } = collector;
  const readable = reading.items.some((item) => item.kind !== 'other');
  if (!readable && reading.locked === undefined) {
    const [only] = reading.items;
    reading.instead = instead ?? (only?.kind === 'other' ? { what: only.what } : { what: 'nothing of a certificate or key' });
    const advice = reading.remarks.find((remark) => remark.next !== undefined)?.next;
    if (instead === undefined && advice !== undefined) reading.instead.next = advice;
  }
  return reading;
}

/** Reads bytes into the collector; gives what they are instead when nothing was found. */
async function readBytes(bytes: Uint8Array, place: Place, collector: Collector, depth: number): Promise<InsteadOf | undefined> {
  if (depth > CONTAINER_LIMITS.depth) {
    collector.remark('note', place, `nested more than ${CONTAINER_LIMITS.depth} deep: not looked into`);
    return undefined;
  }
  if (looksLikeJavaKeyStore(bytes)) {
    readJavaKeyStore(bytes, collector, place);
    return undefined;
  }
  if (looksLikeBouncyCastleStore(bytes)) {
    readBouncyCastleStore(bytes, collector, place);
    return undefined;
  }
  if (looksLikeDer(bytes)) {
    readDerBytes(bytes, place, collector);
    return undefined;
  }
  const form = textOf(bytes);
  if (form === undefined) {
    const face = recogniseBinary(bytes);
    if (face !== undefined) return face;
    // PEM with a few stray control bytes in it is still worth a look.
    const loose = Buffer.from(bytes).toString('latin1');
    if (loose.includes('-----BEGIN ') && readPem(loose, place, collector, false) > 0) {
      collector.remark('refused', place, 'control characters in the text');
      return undefined;
    }
    return { what: bytes[0] === 0x30 ? 'a DER structure of no kind known here, or a damaged one' : 'binary data of no kind known here' };
  }
  if (form.encoding === 'UTF-8 with byte order mark') {
    collector.remark('note', place, 'begins with a byte order mark: OpenSSL 3 skips it, older programs miss the first block');
  } else if (form.encoding !== undefined) {
    collector.remark(
      'refused',
      place,
      `${form.encoding} text, as PowerShell writes with ">": no TLS program reads it so`,
      'in PowerShell: ... | Out-File -Encoding ascii FILE',
    );
  }
  return readText(form.text, place, collector, depth);
}

async function readText(text: string, place: Place, collector: Collector, depth: number): Promise<InsteadOf | undefined> {
  const before = collector.reading.items.length;
  const found = (): boolean => collector.reading.items.length > before || collector.reading.locked !== undefined;
  const tree = parseJson(text);
  if (tree !== undefined) {
    await readTree(walkTrees([tree]), place, collector, depth);
    if (found()) return undefined;
  } else if (looksLikeKubernetesYaml(text)) {
    const { documents, problem } = await parseYaml(text);
    if (problem !== undefined) collector.remark('refused', place, `not proper YAML: ${problem}`);
    await readTree(walkTrees(documents), place, collector, depth);
    if (found()) return undefined;
  }
  if (!text.startsWith('-----') && text.includes('=')) {
    const assignments = readEnvironmentFile(text) ?? [];
    for (const { name, value, line } of assignments) {
      const inner: Place = { path: [...place.path, name], line };
      if (value.includes('-----BEGIN ')) {
        collector.format('environment file');
        collector.format('PEM');
        readPem(value, { path: inner.path }, collector, true);
      } else if (promising(decodeBase64Text(value))) {
        collector.format('environment file');
        collector.format('base64');
        await readBytes(decodeBase64Text(value) as Uint8Array, inner, collector, depth + 1);
      }
    }
    if (found()) return undefined;
  }
  // In a YAML text a block scalar is indented and that is right there.
  const yaml = /:[ \t]*[|>][-+0-9]*[ \t]*$/m.test(text);
  if (mayHoldPem(text) && readPem(text, place, collector, yaml) > 0) {
    if (yaml) collector.format('YAML');
    collector.format('PEM');
    if (!text.includes('LS0tLS1CRUdJTi')) return undefined;
  }
  const fromHex = found() ? undefined : decodeHexText(text);
  const hex = promising(fromHex);
  const encoded = hex ? fromHex : found() ? undefined : decodeBase64Text(text);
  if (encoded !== undefined && promising(encoded)) {
    collector.format(hex ? 'hex' : collector.reading.formats.includes('base64') ? 'base64 again' : 'base64');
    collector.remark('refused', place, encodingInWords(encoded, hex, depth), 'tlsmedic inspect FILE --pem > NEW.pem');
    await readBytes(encoded, place, collector, depth + 1);
    if (found()) return undefined;
  }
  for (const { bytes, line, context } of findEmbeddedBase64(text, found())) {
    if (!promising(bytes)) continue;
    collector.format('text with base64 in it');
    await readBytes(bytes, { path: context === '' ? place.path : [...place.path, context], line }, collector, depth + 1);
  }
  return found() ? undefined : recogniseText(text, tree);
}

function encodingInWords(encoded: Uint8Array, hex: boolean, depth: number): string {
  if (hex) return 'a hex dump';
  if (looksLikeDer(encoded)) return 'base64 without BEGIN and END lines around it';
  return depth > 0 ? 'base64 twice: it was encoded once more than its place wants' : 'base64 of a PEM file, not the PEM file itself';
}

/** Whether decoded bytes look like something: what else is worth following a chain of encodings for? */
function promising(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false;
  if (looksLikeDer(bytes) || looksLikeJavaKeyStore(bytes) || looksLikeBouncyCastleStore(bytes)) return true;
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  if (head.includes('-----BEGIN ') || /^\s*(?:LS0tLS1CRUdJTi|MI[IGEHA-D])[A-Za-z0-9+/\s]{40}/.test(head)) return true;
  return false;
}

async function readTree(contents: TreeContents, place: Place, collector: Collector, depth: number): Promise<void> {
  if (contents.values.length + contents.keys.length + contents.fileReferences.length > 0) collector.format(contents.format);
  for (const { path, value, base64 } of contents.values) {
    const inner: Place = { path: [...place.path, ...path] };
    const name = path.at(-1) ?? '';
    const before = collector.reading.items.length;
    let instead: InsteadOf | undefined;
    const bytes = base64 ? decodeBase64Text(value) : undefined;
    if (bytes !== undefined) instead = await readBytes(bytes, inner, collector, depth + 1);
    else if (base64 && value.includes('-----BEGIN ')) {
      collector.remark('refused', inner, 'PEM in clear where base64 belongs', 'put it under stringData, or encode it: base64 -w0 FILE');
      readPem(value, inner, collector, false);
    } else if (base64 && value.trim() !== '' && EXPECTED_ENTRY.test(name)) {
      collector.remark('refused', inner, 'is no base64');
    } else instead = await readText(value, inner, collector, depth + 1);
    if (collector.reading.items.length === before && instead !== undefined && EXPECTED_ENTRY.test(name)) {
      const remark = instead.why === undefined ? instead.what : `${instead.what} (${instead.why})`;
      collector.remark(
        name.startsWith('ca') && instead.what === 'empty' ? 'note' : 'refused',
        inner,
        `holds ${remark}`.replace('holds empty', 'is empty'),
        instead.next,
      );
    }
  }
  for (const { path, jwk } of contents.keys) {
    const key = readJwk(jwk as Record<string, Tree>);
    const inner: Place = { path: [...place.path, ...path] };
    if (key === undefined) continue;
    collector.format('JSON Web Key');
    if (key.private)
      collector.add({ kind: 'private-key', place: inner, key: { format: 'JSON Web Key', encrypted: false, spki: key.spki } });
    else collector.add({ kind: 'public-key', place: inner, spki: key.spki });
  }
  for (const { path, file } of contents.fileReferences) {
    collector.remark('note', { path: [...place.path, ...path] }, `refers to the file ${file.slice(0, 300)}, which is not looked into`);
  }
}
