/** `inspect --text`: everything that is in a certificate, request or list, in the order of its encoding, as `openssl x509 -text` lays it out. */
import type { ExtensionFacts, ExtensionValue } from '../inspection/extension-facts.js';
import { extensionFacts, requestExtensionFacts } from '../inspection/extension-facts.js';
import type { Inspection } from '../inspection/inspection.js';
import { utcTime } from '../time-text.js';
import type { AlgorithmIdentifier, EncodingProblem, PublicKeyInfo } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import { oidName } from '../x509/oids.js';
import { keyInWords } from './certificate-card.js';
import { escapeForTerminal } from './escape.js';
import type { View } from './view.js';

const STEP = '    ';

/** Bytes as `4f:1c:…`, fifteen or more to a line. */
function hexLines(bytes: Uint8Array, depth: number, view: View): string[] {
  const indent = STEP.repeat(depth);
  const perLine = Math.max(8, Math.floor((view.width - indent.length) / 3));
  const octets = toHex(bytes).match(/../g) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < octets.length; i += perLine)
    lines.push(`${indent}${octets.slice(i, i + perLine).join(':')}${i + perLine < octets.length ? ':' : ''}`);
  return lines;
}

/** A decoded value, one fact a line. */
function valueLines(value: ExtensionValue, depth: number): string[] {
  const indent = STEP.repeat(depth);
  if (value === null) return [`${indent}(null)`];
  if (typeof value !== 'object') return [`${indent}${escapeForTerminal(String(value))}`];
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) return [`${indent}${escapeForTerminal(value.join(', '))}`];
    return value.flatMap((item) => valueLines(item, depth));
  }
  const entries = Object.entries(value);
  const kind = value.kind;
  if (typeof kind === 'string' && typeof value.value === 'string') {
    const type = typeof value.type === 'string' ? ` (${value.type})` : '';
    return [`${indent}${kind}:${escapeForTerminal(`${value.value}${type}`)}`];
  }
  if (typeof value.oid === 'string' && typeof value.name === 'string') {
    const rest = entries.filter(([key, item]) => key !== 'oid' && key !== 'name' && !(Array.isArray(item) && item.length === 0));
    const head = `${indent}${escapeForTerminal(value.name)}${value.name === value.oid ? '' : ` (${value.oid})`}`;
    return [head, ...rest.flatMap(([key, item]) => [`${indent}${STEP}${key}:`, ...valueLines(item, depth + 2)])];
  }
  return entries.flatMap(([key, item]) =>
    typeof item !== 'object' || (Array.isArray(item) && item.every((part) => typeof part !== 'object'))
      ? [`${indent}${key}: ${escapeForTerminal(Array.isArray(item) ? item.join(', ') : String(item))}`]
      : [`${indent}${key}:`, ...valueLines(item, depth + 1)],
  );
}

function extensionLines(extensions: readonly ExtensionFacts[], depth: number, view: View): string[] {
  const indent = STEP.repeat(depth);
  return extensions.flatMap(({ oid, name, critical, value, hex }) => [
    `${indent}${escapeForTerminal(name)}${name === oid ? '' : ` (${oid})`}:${critical ? ' critical' : ''}`,
    ...(value === null ? hexLines(Buffer.from(hex, 'hex'), depth + 1, view) : valueLines(value, depth + 1)),
  ]);
}

function keyLines(key: PublicKeyInfo, depth: number, view: View): string[] {
  const indent = STEP.repeat(depth);
  return [
    `${indent}Public Key Algorithm: ${escapeForTerminal(key.algorithm.name)}`,
    `${indent}${STEP}Public-Key: ${keyInWords(key)}${key.bits > 0 ? ` (${key.bits} bit)` : ''}`,
    ...(key.rsaExponent === undefined ? [] : [`${indent}${STEP}Exponent: ${key.rsaExponent}`]),
    ...hexLines(key.keyBits, depth + 2, view),
  ];
}

function signatureLines(algorithm: AlgorithmIdentifier, signature: Uint8Array, view: View): string[] {
  return [`${STEP}Signature Algorithm: ${escapeForTerminal(algorithm.name)}`, `${STEP}Signature Value:`, ...hexLines(signature, 2, view)];
}

function problemLines(problems: readonly EncodingProblem[], view: View): string[] {
  if (problems.length === 0) return [];
  const { style } = view;
  return [
    `${STEP}Problems of the encoding:`,
    ...problems
      .slice(0, 200)
      .map(({ offset, severity, message }) => `${STEP}${STEP}${style.fail(`byte ${offset}`)} ${severity}: ${escapeForTerminal(message)}`),
  ];
}

/** The full dump of an inspection. Private keys are only named. */
export function* dumpPieces(inspection: Inspection, view: View): Generator<string> {
  let separator = '';
  for (const block of dumpBlocks(inspection, view)) {
    yield `${separator}${block}`;
    separator = '\n\n';
  }
}

function* dumpBlocks(inspection: Inspection, view: View): Generator<string> {
  const { inventory } = inspection;
  const head = (text: string, where: string): string => `${view.style.bold(text)}  ${view.style.dim(escapeForTerminal(where))}`;
  for (const { certificate, where, duplicateOf } of inventory.certificates) {
    if (duplicateOf !== undefined) {
      yield `${head('Certificate:', where.text)}\n${STEP}the same as in ${escapeForTerminal(duplicateOf.where.text)}`;
      continue;
    }
    yield [
      head('Certificate:', where.text),
      `${STEP}Version: ${certificate.version}`,
      `${STEP}Serial Number: ${certificate.serialNegative ? '(negative) ' : ''}${(certificate.serial.match(/../g) ?? []).join(':')}`,
      `${STEP}Signature Algorithm: ${escapeForTerminal(certificate.tbsSignatureAlgorithm.name)}`,
      `${STEP}Issuer: ${escapeForTerminal(certificate.issuer.text)}`,
      `${STEP}Validity`,
      `${STEP}${STEP}Not Before: ${utcTime(certificate.notBefore, 'second')}`,
      `${STEP}${STEP}Not After : ${utcTime(certificate.notAfter, 'second')}`,
      `${STEP}Subject: ${escapeForTerminal(certificate.subject.text)}`,
      `${STEP}Subject Public Key Info:`,
      ...keyLines(certificate.publicKey, 2, view),
      ...(certificate.extensions.length === 0
        ? []
        : [`${STEP}X509v3 extensions:`, ...extensionLines(extensionFacts(certificate), 2, view)]),
      ...signatureLines(certificate.signatureAlgorithm, certificate.signature, view),
      `${STEP}SHA-256 Fingerprint: ${certificate.fingerprint}`,
      ...problemLines(certificate.problems, view),
    ].join('\n');
  }
  for (const { request, where } of inventory.requests) {
    yield [
      head('Certificate Request:', where.text),
      `${STEP}Version: ${request.version}`,
      `${STEP}Subject: ${escapeForTerminal(request.subject.text)}`,
      `${STEP}Subject Public Key Info:`,
      ...keyLines(request.publicKey, 2, view),
      `${STEP}Attributes: ${escapeForTerminal(request.attributes.map(oidName).join(', ')) || '(none)'}`,
      ...(request.extensions.length === 0
        ? []
        : [`${STEP}Requested Extensions:`, ...extensionLines(requestExtensionFacts(request), 2, view)]),
      ...signatureLines(request.signatureAlgorithm, request.signature, view),
      ...problemLines(request.problems, view),
    ].join('\n');
  }
  for (const { crl, where } of inventory.crls) {
    const entries: string[] = [];
    for (const entry of crl.entries()) {
      if (entries.length >= 1000) {
        entries.push(`${STEP}${STEP}and ${crl.entryCount - entries.length} more`);
        break;
      }
      entries.push(`${STEP}${STEP}${entry.serial}  ${utcTime(entry.revokedAt, 'second')}  ${escapeForTerminal(entry.reason)}`);
    }
    yield [
      head('Certificate Revocation List:', where.text),
      `${STEP}Issuer: ${escapeForTerminal(crl.issuer.text)}`,
      `${STEP}Last Update: ${utcTime(crl.thisUpdate, 'second')}`,
      `${STEP}Next Update: ${Number.isNaN(crl.nextUpdate) ? 'none' : utcTime(crl.nextUpdate, 'second')}`,
      ...(crl.crlNumber === undefined ? [] : [`${STEP}CRL Number: ${crl.crlNumber}`]),
      `${STEP}Revoked Certificates: ${crl.entryCount}`,
      ...entries,
      ...signatureLines(crl.signatureAlgorithm, crl.signature, view),
      ...problemLines(crl.problems, view),
    ].join('\n');
  }
  for (const { response, where } of inventory.ocspResponses) {
    const singles = response.responses
      .slice(0, 1000)
      .map(
        ({ id, status, thisUpdate, nextUpdate }) =>
          `${STEP}${STEP}${id.serial}  ${status}  ${utcTime(thisUpdate, 'second')}${Number.isNaN(nextUpdate) ? '' : ` to ${utcTime(nextUpdate, 'second')}`}`,
      );
    yield [
      head('OCSP Response:', where.text),
      `${STEP}Status: ${response.status}`,
      `${STEP}Produced At: ${utcTime(response.producedAt, 'second')}`,
      ...singles,
      ...signatureLines(response.signatureAlgorithm, response.signature, view),
    ].join('\n');
  }
  for (const { publicKey, where } of inventory.publicKeys)
    yield [head('Public Key:', where.text), ...keyLines(publicKey, 1, view)].join('\n');
  for (const { facts, publicKey, where } of inventory.keys) {
    const state = facts.encrypted ? `encrypted, ${facts.encryption ?? 'unknown scheme'}` : 'not encrypted';
    yield [
      head('Private Key:', where.text),
      `${STEP}Format: ${escapeForTerminal(facts.format)}, ${escapeForTerminal(state)}`,
      `${STEP}the key itself is never printed`,
      ...(publicKey === undefined ? [] : keyLines(publicKey, 1, view)),
    ].join('\n');
  }
  for (const { what, problem, where } of inventory.damaged)
    yield `${head('Damaged:', where.text)}\n${STEP}${escapeForTerminal(`${what}: ${problem}`)}`;
  for (const { label, reading, error } of inventory.inputs) {
    const nothing = error?.message ?? (reading?.instead === undefined ? undefined : `${label} is ${reading.instead.what}`);
    if (nothing !== undefined) yield view.style.fail(escapeForTerminal(nothing));
  }
}
