import { exitStatusOf } from '../cause.js';
import type { MissingIssuer, PathDocument, PathStepDocument, Verification } from '../path/verification.js';
import { durationInWords, relativeTime, utcDay, utcTime } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { hanging, padEnd, truncate } from './layout.js';
import type { View } from './view.js';

/** The text of a verification: verdict, tree of every candidate path, how other runtimes judge, what mends it, what to type next. */

/** What the text says beyond the document. */
export interface VerificationNotes {
  /** About the order and company of the certificates in the file. */
  notes: readonly string[];
  /** Addresses that were asked, and what came of it. */
  fetched: readonly string[];
}

const LABEL = 14;

/** Problems of certificates deeper than this in the list of candidate paths are not drawn. */
const MAX_DRAWN = 12;

export function renderVerification(document: Verification, { notes, fetched }: VerificationNotes, view: View): string {
  const { style } = view;
  const lines = [verdictLine(document, view)];
  const clock = clockLine(document);
  if (clock !== undefined) lines.push(hanging('  ', clock, view.width));
  lines.push('', ...drawTree(document, view));
  const facts: [string, string][] = [['trust', escapeForTerminal(document.trust)]];
  facts.push(['asked', `profile ${document.profile}, purpose ${document.purpose}, at ${document.at.replace(/\.\d+Z$/, 'Z')}`]);
  for (const note of notes) facts.push(['note', escapeForTerminal(note)]);
  for (const line of fetched) facts.push(['fetched', escapeForTerminal(line)]);
  for (const found of foundLines(document)) facts.push(['found', found]);
  for (const { runtime, valid, why } of document.elsewhere)
    facts.push(['elsewhere', `${runtime} ${valid ? 'accepts' : 'refuses'} it: ${escapeForTerminal(why)}`]);
  for (const warning of document.warnings) facts.push(['warning', escapeForTerminal(warning.summary)]);
  lines.push('', ...facts.map(([label, text]) => hanging(padEnd(`  ${label}`, LABEL), text, view.width)));
  lines.push(...causeLines(document, view));
  if (document.notChecked.length > 0)
    lines.push(
      style.dim(hanging(padEnd('  not checked', LABEL), document.notChecked.map((text) => escapeForTerminal(text)).join('; '), view.width)),
    );
  lines.push('', nextLine(document, view));
  return lines.join('\n');
}

function verdictLine(document: Verification, view: View): string {
  const { style } = view;
  const [first, ...others] = document.causes;
  const leaf = document.paths[0]?.steps[0];
  const name = escapeForTerminal(leaf === undefined ? 'the certificate' : callName(leaf));
  if (first === undefined) {
    const path = document.paths[0];
    const anchor = path?.steps.at(-1);
    const until =
      path?.validUntil === null || path === undefined
        ? ''
        : `, until ${utcDay(Date.parse(path.validUntil))} (${relativeTime(Date.parse(path.validUntil), Date.parse(document.at))})`;
    const ends =
      path?.steps.length === 1
        ? 'is itself in the trust store'
        : `verifies up to ${escapeForTerminal(anchor === undefined ? '' : `${callName(anchor)} (${anchor.source})`)}`;
    return hanging(`${style.ok(style.symbol.ok)} `, style.bold(`ok: ${name} ${ends}${until}`), view.width);
  }
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return hanging(
    `${style.fail(style.symbol.fail)} `,
    `${style.bold(`${first.code}: ${escapeForTerminal(first.summary)}`)}${more}  ${style.dim(`${first.class}/${first.code}`)}`,
    view.width,
  );
}

function clockLine({ validIfClockMovedSeconds: seconds, paths }: Verification): string | undefined {
  const path = paths[0];
  if (seconds === undefined || path?.validFrom == null || path.validUntil == null) return undefined;
  const direction = seconds < 0 ? 'back' : 'ahead';
  return `Only dates stand against it: it would verify from ${utcTime(Date.parse(path.validFrom))} until ${utcTime(Date.parse(path.validUntil))}, or with the clock ${durationInWords(seconds)} ${direction}.`;
}

/** How people call a certificate: common name, else its whole subject. */
function callName(step: { subject: string; source: string; serial: string }): string {
  const commonName = /(?:^|, |\+)CN=((?:[^,+\\]|\\.)*)/.exec(step.subject)?.[1];
  return commonName ?? (step.subject === '' ? `serial ${step.serial}` : step.subject);
}

interface Twig {
  step?: PathStepDocument;
  missing?: PathDocument['missing'];
  end?: PathDocument['end'];
  children: Map<string, Twig>;
  /** Defects of certificates further down that only the path ending here has. */
  carried: PathStepDocument['problems'];
}

/** Candidate paths share their lower parts: drawn as one tree from the end entity up. */
function grow(paths: readonly PathDocument[]): Twig {
  const root: Twig = { children: new Map(), carried: [] };
  for (const path of paths) {
    let at = root;
    const carried: PathStepDocument['problems'] = [];
    for (const step of path.steps) {
      const key = `${step.fingerprint} ${step.role}`;
      const shared = at.children.get(key);
      const next: Twig = shared ?? { step, children: new Map(), carried: [] };
      // A certificate drawn already by a better path: what only this path holds against it is told where the path parts.
      if (shared !== undefined) {
        const told = new Set(shared.step?.problems.map(({ message }) => message));
        carried.push(...step.problems.filter(({ message }) => !told.has(message)));
      }
      at.children.set(key, next);
      at = next;
    }
    at.carried.push(...carried);
    if (path.missing !== undefined) at.missing = path.missing;
    at.end = path.end;
  }
  return root;
}

function drawTree(document: Verification, view: View): string[] {
  const shown = document.paths.slice(0, view.verbose ? undefined : MAX_DRAWN);
  const lines: string[] = [];
  const draw = (twig: Twig, prefix: string, branch: string, trunk: string): void => {
    if (twig.step !== undefined) lines.push(...stepLines(twig.step, prefix + branch, prefix + trunk, view));
    const inner = prefix + trunk;
    for (const problem of twig.carried) lines.push(...problemLines([problem], `${inner}   `, view));
    const children = [...twig.children.values()];
    const dead = twig.missing === undefined ? [] : deadEnds(twig.missing, twig.step, view);
    const { branch: fork, lastBranch: last, trunk: line } = view.style.symbol;
    const total = children.length + dead.length;
    children.forEach((child, i) => {
      const end = i === total - 1;
      draw(child, inner, end ? last : fork, end ? ' '.repeat(last.length) : line);
    });
    dead.forEach((text, i) => {
      lines.push(hanging(`${inner}${children.length + i === total - 1 ? last : fork}`, text, view.width));
    });
  };
  for (const twig of grow(shown).children.values()) draw(twig, '  ', '', '');
  if (document.paths.length > shown.length)
    lines.push(`  ${view.style.dim(`and ${document.paths.length - shown.length} more candidate paths (--verbose)`)}`);
  return lines;
}

function stepLines(step: PathStepDocument, head: string, trunk: string, view: View): string[] {
  const { style } = view;
  const mark =
    step.role === 'anchor'
      ? `${step.ok ? style.symbol.anchor : style.fail(style.symbol.fail)} `
      : step.ok
        ? ''
        : `${style.fail(style.symbol.fail)} `;
  const ticks = step.checked.map((rule) => `${style.ok(style.symbol.ok)} ${rule}`).join(' ');
  const source = step.source === '' ? '' : ` ${style.dim(`(${escapeForTerminal(step.source)})`)}`;
  const lines = [
    hanging(head, `${mark}${style.bold(truncate(escapeForTerminal(callName(step)), 60, view))}${source} ${ticks}`.trimEnd(), view.width),
  ];
  lines.push(...problemLines(step.problems.slice(0, view.verbose ? undefined : 6), `${trunk}   `, view));
  return lines;
}

/** Defects under a certificate; what is missing above it is drawn as a branch of its own. */
function problemLines(problems: PathStepDocument['problems'], indent: string, { style, width }: View): string[] {
  const drawn = problems.filter(({ code }) => !DEAD_ENDS.has(code));
  return drawn.map(({ code, message }) =>
    hanging(`${indent}${style.fail(style.symbol.fail)} `, `${code}: ${escapeForTerminal(message)}`, width),
  );
}

const DEAD_ENDS: ReadonlySet<string> = new Set(['missing-intermediate', 'untrusted-root', 'stale-trust-bundle', 'self-signed']);

/** What stands where the path ends: near misses first, then what was wanted. */
function deadEnds(missing: Omit<MissingIssuer, 'nameKey'>, step: PathStepDocument | undefined, view: View): string[] {
  const { style } = view;
  const wanted = missing.keyIdentifier;
  const cross = style.fail(style.symbol.fail);
  const lines = missing.sameName.slice(0, 6).map(({ source, keyIdentifier, trusted, notAfter }) => {
    const key =
      keyIdentifier === undefined
        ? 'another key'
        : wanted === undefined
          ? `key ${shortKey(keyIdentifier)}, not the one that signed`
          : `key ${shortKey(keyIdentifier)} instead of ${shortKey(wanted)}`;
    return `${cross} ${escapeForTerminal(missing.name)} (${escapeForTerminal(source)})  same name, ${key}; ${trusted ? 'trusted' : 'not trusted'}, until ${notAfter.slice(0, 10)}`;
  });
  const selfSigned = step !== undefined && step.issuer === step.subject;
  if (selfSigned) lines.push(`${cross} it is self-signed and not in the trust store`);
  else
    lines.push(
      `${cross} ${lines.length > 0 ? 'nothing else issues it' : 'nothing here issues it'}; wanted: subject "${escapeForTerminal(missing.name)}"${wanted === undefined ? '' : `, key identifier ${shortKey(wanted)}`}`,
    );
  return lines;
}

const shortKey = (hex: string): string => `${hex.slice(0, 8).replace(/..(?=.)/g, '$&:')}…`;

/** Where a missing issuer is after all. */
function foundLines(document: Verification): string[] {
  if (document.valid) return [];
  const lines = new Set<string>();
  for (const { missing } of document.paths) {
    for (const { source, fingerprint, selfSigned } of missing?.found ?? []) {
      lines.add(
        `the missing issuer is in ${escapeForTerminal(source)} (SHA-256 ${fingerprint.slice(0, 16)}…${selfSigned ? ', a root' : ', an intermediate'}), which this verification does not trust or use`,
      );
    }
  }
  return [...lines].slice(0, 4);
}

function causeLines(document: Verification, view: View): string[] {
  const { style } = view;
  if (document.causes.length === 0) return [];
  const lines: string[] = [''];
  document.causes.forEach((cause, i) => {
    // The first stands on top already.
    if (i > 0)
      lines.push(
        hanging(padEnd(`  ${style.fail(style.symbol.fail)} also`, LABEL), `${cause.code}: ${escapeForTerminal(cause.summary)}`, view.width),
      );
  });
  const [first] = document.causes;
  first?.fixes.slice(0, 3).forEach((fix, i) => {
    const label = padEnd(i === 0 ? '  fix' : '', LABEL);
    lines.push(hanging(label, `${i + 1} ${escapeForTerminal(fix.title)}`, view.width));
    if (fix.command !== undefined) lines.push(`${' '.repeat(LABEL + 2)}${style.command(escapeForTerminal(fix.command))}`);
  });
  for (const { code, why } of first?.alternatives ?? [])
    lines.push(hanging(padEnd('  or', LABEL), `${code}: ${escapeForTerminal(why)}`, view.width));
  return lines.length === 1 ? [] : lines;
}

function nextLine(document: Verification, view: View): string {
  const { style } = view;
  const [first] = document.causes;
  const missing = document.paths.find((path) => (path.missing?.aia.length ?? 0) > 0 && path.missing?.found.length === 0);
  if (first === undefined) return style.dim('more: --json has every certificate and step · --profile go|openssl|webpki judges as they do');
  const hint = missing === undefined ? '' : ` · its issuer has an address: --fetch-missing`;
  return style.dim(`more: tlsmedic explain ${first.code}${hint} · exit status ${exitStatusOf(document.causes)}`);
}
