/** The first line of a report: how much of what, and the one thing to know about it. */
import { grouped } from '../grouped.js';
import { durationInWords, relativeTime } from '../time-text.js';
import type { Inspection, LintNote } from './inspection.js';
import { nameOfCertificate } from './judgement.js';

export interface Verdict {
  level: 'ok' | 'warn' | 'fail';
  /** `3 certificates, 1 key`. */
  contents: string;
  /** `server pair complete, chain in order, expires in 12 h`. */
  statement: string;
}

function some(n: number, one: string, many = `${one}s`): string | undefined {
  return n === 0 ? undefined : `${grouped(n)} ${n === 1 ? one : many}`;
}

function contentsOf({ inventory }: Inspection): string {
  const { certificates, keys, requests, publicKeys, crls, ocspResponses } = inventory;
  const distinct = certificates.filter(({ duplicateOf }) => duplicateOf === undefined).length;
  const parts = [
    some(distinct, 'certificate'),
    some(keys.length, 'key'),
    some(requests.length, 'request'),
    some(publicKeys.length, 'public key'),
    some(crls.length, 'CRL'),
    some(ocspResponses.length, 'OCSP response'),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'nothing of a certificate or key' : parts.join(', ');
}

/** What the certificates expire as, in words: the earliest end that lies ahead. */
function earliestEnd({ inventory, at }: Inspection): string | undefined {
  const ahead = inventory.certificates.filter(({ certificate, duplicateOf }) => duplicateOf === undefined && certificate.notAfter >= at);
  const [first] = ahead.sort((a, b) => a.certificate.notAfter - b.certificate.notAfter);
  if (first === undefined) return undefined;
  const remaining = durationInWords((first.certificate.notAfter - at) / 1000);
  return ahead.length === 1 ? `expires in ${remaining}` : `first to expire: ${nameOfCertificate(first)} in ${remaining}`;
}

/** What is complete, for the good case. */
function completeness(inspection: Inspection): string[] {
  const { inventory, relations, pairs } = inspection;
  const statements: string[] = [];
  const fitting = pairs.filter(({ verdict }) => verdict === 'fits');
  const matched = relations.groups.filter(({ keys, certificates }) => keys.length > 0 && certificates.length > 0);
  if (matched.length === 1 && fitting.length <= 1) {
    const role = matched[0]?.certificates[0]?.role;
    statements.push(role === 'leaf' ? 'key and certificate belong together' : 'key and CA certificate belong together');
  } else if (matched.length === 0 && relations.groups.some(({ keys, requests }) => keys.length > 0 && requests.length > 0)) {
    statements.push('key and request belong together');
  } else if (matched.length > 1) statements.push(`${matched.length} pairs of key and certificate`);
  const lonely = inventory.keys.filter((key) => key.publicKey !== undefined && !matched.some(({ keys }) => keys.includes(key)));
  if (lonely.length > 0 && inventory.certificates.length > 0) statements.push(`${some(lonely.length, 'key')} without a certificate here`);
  const [order] = relations.orders;
  if (relations.orders.length === 1 && order !== undefined) {
    const chain = relations.chains.find(({ members }) => members[0] === order.shouldBe[0]);
    if (order.inOrder && order.strangers.length === 0)
      statements.push(chain?.complete === true ? 'chain complete and in order' : 'chain in order');
  }
  return statements;
}

/** The verdict on an inspection. */
export function verdictOf(inspection: Inspection): Verdict {
  const { judgement, inventory, lints } = inspection;
  const contents = contentsOf(inspection);
  const [cause, ...more] = judgement.causes;
  if (cause !== undefined) {
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return { level: 'fail', contents, statement: `${cause.summary}${rest}` };
  }
  const unusable = inventory.inputs.filter(
    ({ error, reading, found }) => error !== undefined || (!found && reading?.instead !== undefined),
  );
  const locked = inventory.inputs.filter(({ reading }) => reading?.locked !== undefined);
  const statements: string[] = [];
  const [first] = unusable;
  if (first !== undefined) {
    const what = first.error?.message ?? `${first.label} is ${first.reading?.instead?.what ?? 'unreadable'}`;
    return { level: 'fail', contents, statement: unusable.length === 1 ? what : `${what} (and ${unusable.length - 1} more)` };
  }
  if (inventory.inputs.length === 0) {
    const files = some(inspection.passedOver, 'file');
    return { level: 'fail', contents, statement: files === undefined ? 'there is no file in it' : `${files} passed over` };
  }
  if (inspection.interrupted === true) statements.push('interrupted before every file was read');
  const expiry = judgement.warnings.filter(({ class: kind }) => kind === 'expiry');
  const others = judgement.warnings.filter(({ class: kind }) => kind !== 'expiry');
  statements.push(...completeness(inspection));
  if (expiry.length === 1) statements.push(expiryStatement(inspection));
  else if (expiry.length > 1) statements.push(`${expiry.length} outside their validity`);
  const [warning] = others;
  if (warning !== undefined) statements.push(others.length === 1 ? warning.summary : `${others.length} warnings`);
  if (locked.length > 0)
    statements.push(
      locked.length === 1 ? `a passphrase is needed for ${locked[0]?.label ?? ''}` : `${locked.length} inputs need a passphrase`,
    );
  const errors = lints.filter(({ result }) => result.severity === 'error');
  const lintWarnings = lints.filter(({ result }) => result.severity === 'warning').length;
  if (errors.length > 0) statements.push(lintStatement(inspection, errors));
  else if (lintWarnings > 0) statements.push(some(lintWarnings, 'lint') as string);
  const end = earliestEnd(inspection);
  if (end !== undefined && expiry.length !== 1) statements.push(end);
  const shut = locked.some(({ found }) => !found);
  const level = shut ? 'fail' : judgement.warnings.length > 0 || errors.length > 0 || locked.length > 0 ? 'warn' : 'ok';
  return { level, contents, statement: statements.join(', ') };
}

/** The first serious lint in words, with the certificate that it is about when there are several. */
function lintStatement({ inventory }: Inspection, [first, ...more]: readonly LintNote[]): string {
  if (first === undefined) return '';
  const [about] = first.about;
  const who = about === undefined || inventory.certificates.length === 1 ? '' : `${nameOfCertificate(about)}: `;
  const rest = more.length === 0 ? '' : ` (and ${some(more.length, 'more serious lint')})`;
  return `${who}${first.result.finding.message.split(';')[0] ?? ''}${rest}`;
}

function expiryStatement({ inventory, at }: Inspection): string {
  const certificates = inventory.certificates.filter(({ duplicateOf }) => duplicateOf === undefined);
  const expired = certificates.find(({ certificate }) => certificate.notAfter < at);
  const which = (name: string): string => (certificates.length === 1 ? '' : `${name} `);
  if (expired !== undefined) return `${which(nameOfCertificate(expired))}expired ${relativeTime(expired.certificate.notAfter, at)}`;
  const early = certificates.find(({ certificate }) => certificate.notBefore > at);
  return early === undefined
    ? ''
    : `${which(nameOfCertificate(early))}not valid yet: begins ${relativeTime(early.certificate.notBefore, at)}`;
}
