/** An inspection for people: the verdict, what was found, what belongs together, what to type next. */

import { CAUSE_CLASSES } from '../cause.js';
import { quoteForShell } from '../diagnose/meta.js';
import type { Inspection, LintNote } from '../inspection/inspection.js';
import type { FoundCertificate, FoundKey, InspectedInput } from '../inspection/inventory.js';
import { nameOfCertificate } from '../inspection/judgement.js';
import { keyIdentity } from '../inspection/key-identity.js';
import { verdictOf } from '../inspection/verdict.js';
import { durationInWords, relativeTime } from '../time-text.js';
import { certificateFields, field, keyInWords, namesInWords, usageInWords } from './certificate-card.js';
import { certificateTable, MAX_ROWS } from './certificate-table.js';
import { escapeForTerminal } from './escape.js';
import { inspectionRelations } from './inspection-relations.js';
import { fixLines, nextLine, stepLine } from './inspection-steps.js';
import { count, hanging } from './layout.js';
import type { View } from './view.js';

/** With more certificates than this a table takes the place of the cards, unless `--verbose` asks for them. */
const MAX_CARDS = 6;

function verdictLine(inspection: Inspection, view: View): string {
  const { style } = view;
  const { level, contents, statement } = verdictOf(inspection);
  const [symbol, paint] =
    level === 'ok' ? [style.symbol.ok, style.ok] : level === 'warn' ? [style.symbol.warn, style.warn] : [style.symbol.fail, style.fail];
  const text = escapeForTerminal(statement === '' ? contents : `${contents}: ${statement}`);
  const lines = hanging(`${symbol} `, text, view.width).split('\n');
  const [cause] = inspection.judgement.causes;
  const code =
    cause === undefined
      ? []
      : [style.dim(`  ${cause.class}/${cause.code} ${style.symbol.bullet} exit status ${CAUSE_CLASSES[cause.class].exit}`)];
  return [...lines.map((line) => paint(style.bold(line))), ...code].join('\n');
}

function lintLine({ result }: LintNote, view: View): string {
  const { style } = view;
  const { severity, lint, finding } = result;
  const paint = severity === 'error' ? style.fail : severity === 'warning' ? style.warn : style.dim;
  const symbol = severity === 'error' ? style.symbol.fail : severity === 'warning' ? style.symbol.warn : style.symbol.bullet;
  return hanging(`   ${paint(symbol)} `, `${paint(lint)}: ${escapeForTerminal(finding.message)}`, view.width);
}

function heading(found: FoundCertificate, number: string, view: View): string {
  const { style } = view;
  const alias = found.where.alias === undefined || found.where.text.includes(found.where.alias) ? '' : `, alias ${found.where.alias}`;
  const line = found.where.line === undefined || found.where.line === 1 ? '' : `, line ${found.where.line}`;
  return `${style.bold(`${number}  ${escapeForTerminal(nameOfCertificate(found))}`)}  ${style.dim(escapeForTerminal(`${found.where.text}${line}${alias}`))}`;
}

function card(found: FoundCertificate, number: string, inspection: Inspection, view: View): string {
  const { style } = view;
  const { certificate } = found;
  const lines = [heading(found, number, view)];
  if (found.missingBytes !== undefined)
    lines.push(field('', style.fail(`cut off: its last ${found.missingBytes} bytes are missing, zeros stand in their place`), view));
  lines.push(...certificateFields(certificate, found.role, inspection.at, view, found.missingBytes !== undefined));
  for (const problem of certificate.problems.slice(0, view.verbose ? 100 : 5)) {
    if (found.missingBytes !== undefined && problem.severity !== 'fatal') continue;
    const paint = problem.severity === 'fatal' ? style.fail : style.warn;
    const symbol = problem.severity === 'fatal' ? style.symbol.fail : style.symbol.warn;
    lines.push(hanging(`   ${paint(symbol)} `, `byte ${problem.offset}: ${escapeForTerminal(problem.message)}`, view.width));
    if (found.missingBytes !== undefined) break;
  }
  for (const note of inspection.lints) if (note.about.length === 1 && note.about[0] === found) lines.push(lintLine(note, view));
  return lines.join('\n');
}

/** Lints of many certificates, counted: the same finding a hundred times is one line. */
function lintSummary(inspection: Inspection, view: View, shownInCards: boolean): string[] {
  const groups = new Map<string, LintNote[]>();
  for (const note of inspection.lints) {
    if (shownInCards && note.about.length === 1) continue;
    const key = note.about.length === 1 ? note.result.lint : `${note.result.lint} ${note.result.finding.message}`;
    groups.set(key, [...(groups.get(key) ?? []), note]);
  }
  const order = { error: 0, warning: 1, info: 2 } as const;
  const sorted = [...groups.values()].sort((a, b) => order[(a[0] as LintNote).result.severity] - order[(b[0] as LintNote).result.severity]);
  return sorted.map((notes) => {
    const first = notes[0] as LintNote;
    const where = notes.flatMap((note) => (note.where === undefined ? note.about.map((found) => found.where.text) : [note.where.text]));
    const listed = where.length <= 3 ? where.join(', ') : `${where.slice(0, 2).join(', ')} and ${where.length - 2} more`;
    return lintLine({ ...first, result: { ...first.result, finding: { message: `${first.result.finding.message} (${listed})` } } }, view);
  });
}

function keyLine(key: FoundKey, inspection: Inspection, view: View): string {
  const { style } = view;
  const { facts, publicKey } = key;
  const kind = publicKey === undefined ? '' : `${keyInWords(publicKey)}, `;
  const protection = facts.encrypted ? `encrypted (${facts.encryption ?? 'unknown scheme'})` : 'not encrypted';
  const identity = publicKey === undefined ? '' : keyIdentity(publicKey);
  const group = inspection.relations.groups.find(({ keys }) => keys.includes(key));
  const fits = [
    ...(group?.certificates ?? []).map((found) => `${nameOfCertificate(found)} (${found.where.text})`),
    ...(group?.requests ?? []).map(({ where }) => `the request in ${where.text}`),
  ];
  const bad = inspection.pairs.some((pair) => pair.key === key && pair.verdict === 'mismatch');
  let verdict: string;
  if (facts.lock === 'passphrase-needed') verdict = style.warn('shut: give --passphrase-file to see which certificate it fits');
  else if (facts.lock === 'wrong-passphrase') verdict = style.fail('the passphrase does not open it');
  else if (facts.lock !== undefined || identity === '') verdict = style.fail(escapeForTerminal(facts.problem ?? 'cannot be read'));
  else if (bad)
    verdict = style.fail(
      `${style.symbol.fail} does not fit the certificate beside it${fits.length === 0 ? '' : `; it fits ${escapeForTerminal(fits.join(', '))}`}`,
    );
  else if (fits.length > 0) verdict = style.ok(`${style.symbol.ok} fits ${escapeForTerminal(fits.join(', '))}`);
  else verdict = inspection.inventory.certificates.length === 0 ? '' : style.warn('fits no certificate here');
  const text = `${kind}${escapeForTerminal(facts.format)}, ${escapeForTerminal(protection)}`;
  return field('key', `${escapeForTerminal(key.where.text)}: ${text}${verdict === '' ? '' : `; ${verdict}`}`, view);
}

/** At most so many of one kind are listed; `--json` has all. */
const MAX_LISTED = 50;

function otherThings(inspection: Inspection, view: View): string[] {
  const { inventory, at } = inspection;
  const { style } = view;
  const lines: string[] = inventory.keys.slice(0, MAX_LISTED).map((key) => keyLine(key, inspection, view));
  for (const { where, request } of inventory.requests.slice(0, MAX_LISTED)) {
    const names = request.subjectAltName === undefined ? 'no names asked for' : namesInWords(request.subjectAltName, view);
    const use =
      request.extKeyUsage === undefined && request.keyUsage === undefined ? '' : `; ${usageInWords(request.extKeyUsage, request.keyUsage)}`;
    lines.push(
      field(
        'request',
        `${escapeForTerminal(where.text)}: ${escapeForTerminal(request.subject.text) || 'empty subject'}; ${names}; ${keyInWords(request.publicKey)}${use}`,
        view,
      ),
    );
    for (const problem of request.problems.slice(0, 3))
      lines.push(field('', style.fail(`byte ${problem.offset}: ${escapeForTerminal(problem.message)}`), view));
  }
  for (const { where, publicKey } of inventory.publicKeys.slice(0, MAX_LISTED)) {
    const group = inspection.relations.groups.find(({ certificates }) =>
      certificates.some((found) => keyIdentity(found.certificate.publicKey) === keyIdentity(publicKey)),
    );
    const fits = group?.certificates[0] === undefined ? '' : `; that of ${escapeForTerminal(nameOfCertificate(group.certificates[0]))}`;
    lines.push(field('public key', `${escapeForTerminal(where.text)}: ${keyInWords(publicKey)}${fits}`, view));
  }
  for (const { where, crl } of inventory.crls.slice(0, MAX_LISTED)) {
    const stale =
      Number.isFinite(crl.nextUpdate) && crl.nextUpdate < at
        ? style.warn(`stale since ${durationInWords((at - crl.nextUpdate) / 1000)}`)
        : Number.isFinite(crl.nextUpdate)
          ? `next one due ${relativeTime(crl.nextUpdate, at)}`
          : 'promises no next one';
    lines.push(
      field(
        'CRL',
        `${escapeForTerminal(where.text)}: of ${escapeForTerminal(crl.issuer.text)}, ${crl.entryCount} revoked, made ${relativeTime(crl.thisUpdate, at)}, ${stale}`,
        view,
      ),
    );
  }
  for (const { where, response } of inventory.ocspResponses.slice(0, MAX_LISTED)) {
    const answers = response.responses
      .slice(0, 5)
      .map(({ id, status }) => `serial ${id.serial} ${status}`)
      .join(', ');
    lines.push(
      field(
        'OCSP',
        `${escapeForTerminal(where.text)}: ${response.status}${answers === '' ? '' : `: ${answers}`}, made ${relativeTime(response.producedAt, at)}`,
        view,
      ),
    );
  }
  // What is the only thing in its input is told with the inputs.
  const others = inventory.others.filter(({ where }) => inventory.inputs[where.input]?.reading?.instead === undefined);
  for (const { where, what } of others.slice(0, MAX_LISTED))
    lines.push(field('also', `${escapeForTerminal(where.text)}: ${escapeForTerminal(what)}`, view));
  for (const { where, what, problem } of inventory.damaged.slice(0, MAX_LISTED)) {
    lines.push(
      field(
        'damaged',
        `${escapeForTerminal(where.text)}${where.line === undefined ? '' : ` from line ${where.line}`}: ${style.fail(escapeForTerminal(`${what}: ${problem}`))}`,
        view,
      ),
    );
  }
  const kinds = [
    inventory.keys,
    inventory.requests,
    inventory.publicKeys,
    inventory.crls,
    inventory.ocspResponses,
    others,
    inventory.damaged,
  ];
  const hidden = kinds.reduce((sum, { length }) => sum + Math.max(0, length - MAX_LISTED), 0);
  if (hidden > 0) lines.push(field('', style.dim(`and ${hidden} more: --json has all`), view));
  return lines;
}

/** What the inputs are, where that is not plain from the rest. */
function inputLines(inputs: readonly InspectedInput[], view: View): string[] {
  const { style } = view;
  const lines: string[] = [];
  for (const { label, path, reading, error } of inputs) {
    const name = escapeForTerminal(label);
    if (error !== undefined) {
      lines.push(field('unread', `${style.fail(escapeForTerminal(error.message))}`, view));
      for (const step of error.next.slice(0, 2)) lines.push(stepLine(step, view));
      continue;
    }
    if (reading === undefined) continue;
    if (reading.instead !== undefined) {
      const { what, why, next } = reading.instead;
      lines.push(
        field(
          'instead',
          `${name} is ${style.fail(escapeForTerminal(what))}${why === undefined ? '' : `: ${escapeForTerminal(why)}`}`,
          view,
        ),
      );
      if (next !== undefined) lines.push(stepLine(next.replace('FILE', quoteForShell(path ?? label)), view));
    }
    if (reading.locked === 'passphrase-needed')
      lines.push(field('shut', `${name}: ${style.warn('a passphrase is needed')}: --passphrase-file FILE`, view));
    if (reading.locked === 'wrong-passphrase') lines.push(field('shut', `${name}: ${style.fail('the passphrase does not fit')}`, view));
    if (reading.truncated !== undefined)
      lines.push(field('not all', `${name}: ${escapeForTerminal(reading.truncated)}; the rest was not read`, view));
    for (const { level, place, text, next } of reading.remarks.slice(0, view.verbose ? 200 : 8)) {
      const where = [name, ...place.path.map((part) => escapeForTerminal(part))].join(' ');
      lines.push(
        field(
          level === 'refused' ? 'form' : 'note',
          `${where}: ${level === 'refused' ? style.warn(escapeForTerminal(text)) : escapeForTerminal(text)}`,
          view,
        ),
      );
      if (next !== undefined && next !== reading.instead?.next)
        lines.push(stepLine(next.replace('FILE', quoteForShell(path ?? label)), view));
    }
  }
  return lines;
}

/** The whole screen. */
export function renderInspection(inspection: Inspection, view: View): string {
  const { inventory } = inspection;
  const distinct = inventory.certificates.filter(({ duplicateOf }) => duplicateOf === undefined);
  const cards = distinct.length <= MAX_CARDS || (view.verbose && distinct.length <= MAX_ROWS);
  const sections: string[] = [verdictLine(inspection, view)];
  if (cards) sections.push(...distinct.map((found, i) => card(found, String(i + 1), inspection, view)));
  else sections.push(certificateTable(distinct, inspection, view));
  const title = (text: string, lines: readonly string[]): void => {
    if (lines.length > 0) sections.push([view.style.bold(text), ...lines].join('\n'));
  };
  title('also found', otherThings(inspection, view));
  title('what belongs together', inspectionRelations(inspection, view));
  title('lints', lintSummary(inspection, view, cards));
  title('the inputs', inputLines(inventory.inputs, view));
  if (inspection.passedOver > 0)
    sections.push(
      view.style.dim(
        `${count(inspection.passedOver, 'file')} passed over: nothing of a certificate or key in ${inspection.passedOver === 1 ? 'it' : 'them'}`,
      ),
    );
  const fixes = fixLines(inspection, view);
  if (fixes.length > 0) sections.push(fixes.join('\n'));
  sections.push(nextLine(inspection, view));
  return sections.join('\n\n');
}
