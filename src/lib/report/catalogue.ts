import { CAUSE_CLASSES, type CauseClass, type CauseCode, isCauseCode } from '../cause.js';
import { fillTemplates, type Reference, type RuleMeta } from '../diagnose/meta.js';
import { METAS, metaOf } from '../diagnose/registry.js';
import { hanging, padEnd, wrap } from './layout.js';
import type { View } from './view.js';

/** What `tlsmedic explain CODE` says: from the rules' own metadata. */

/** `tlsmedic/cause@1`: one page of the catalogue. */
export interface CauseDocument {
  schema: 'tlsmedic/cause@1';
  class: CauseClass;
  code: CauseCode;
  exitStatus: number;
  title: string;
  why: string;
  /** How runtimes word it. */
  wordings: { runtime: string; text: string }[];
  confirm: { title: string; command?: string }[];
  fixes: { title: string; command?: string }[];
  alerts: string[];
  references: string[];
}

/** `tlsmedic/catalogue@1`: every code. */
export interface CatalogueDocument {
  schema: 'tlsmedic/catalogue@1';
  causes: { class: CauseClass; code: CauseCode; exitStatus: number; title: string }[];
}

export function referenceText(reference: Reference): string {
  if ('url' in reference) return `${reference.title}: ${reference.url}`;
  return `RFC ${reference.rfc}${reference.section === undefined ? '' : ` §${reference.section}`}${reference.title === undefined ? '' : `, ${reference.title}`}`;
}

/** The page of a code; undefined when there is no such code. */
export function causeDocument(code: string): CauseDocument | undefined {
  const meta = isCauseCode(code) ? metaOf(code) : undefined;
  if (meta === undefined) return undefined;
  return {
    schema: 'tlsmedic/cause@1',
    class: meta.class,
    code: meta.code,
    exitStatus: CAUSE_CLASSES[meta.class].exit,
    title: meta.title,
    why: meta.why,
    wordings: meta.wordings.map((wording) => ({ ...wording })),
    confirm: fillTemplates(meta.confirm),
    fixes: fillTemplates(meta.fixes),
    alerts: [...meta.alerts],
    references: meta.references.map(referenceText),
  };
}

export function catalogueDocument(only?: CauseClass): CatalogueDocument {
  return {
    schema: 'tlsmedic/catalogue@1',
    causes: METAS.filter((meta) => only === undefined || meta.class === only).map((meta) => ({
      class: meta.class,
      code: meta.code,
      exitStatus: CAUSE_CLASSES[meta.class].exit,
      title: meta.title,
    })),
  };
}

/** One code in full. */
export function renderCause(document: CauseDocument, view: View): string {
  const { style, width } = view;
  const heading = (text: string) => `\n${style.bold(text)}`;
  const lines = [
    style.bold(hanging(`${document.code}: `, document.title, width)),
    style.dim(`class ${document.class}, exit status ${document.exitStatus}`),
    '',
    ...wrap(document.why, width),
  ];
  const widest = Math.max(0, ...document.wordings.map(({ runtime }) => runtime.length));
  lines.push(
    heading('how programs word it'),
    ...document.wordings.map(({ runtime, text }) => hanging(`  ${padEnd(runtime, Math.min(widest, 24))}  `, text, width)),
  );
  if (document.alerts.length > 0) lines.push(hanging('  TLS alerts seen: ', document.alerts.join(', '), width));
  lines.push(heading('how to see it for yourself'), ...document.confirm.flatMap((step) => commandLines(step, view, '  ')));
  lines.push(heading('how to mend it'), ...document.fixes.flatMap((step, index) => commandLines(step, view, `  ${index + 1} `)));
  if (document.references.length > 0) lines.push(heading('to read on'), ...document.references.map((text) => `  ${text}`));
  lines.push('', style.dim(`find out whether it is this: ${style.command('tlsmedic diagnose HOST:PORT --ca ca.crt')}`));
  return `${lines.join('\n')}\n`;
}

function commandLines({ title, command }: { title: string; command?: string }, view: View, label: string): string[] {
  const line = hanging(label, title, view.width);
  return command === undefined ? [line] : [line, `${' '.repeat(label.length)}${view.style.command(command)}`];
}

/** All codes, by class, or those of one class. */
export function renderCatalogue(view: View, only?: CauseClass): string {
  const { style, width } = view;
  const widest = Math.max(...METAS.map(({ code }) => code.length));
  const lines: string[] = [];
  for (const name of only === undefined ? (Object.keys(CAUSE_CLASSES) as CauseClass[]) : [only]) {
    lines.push(`${style.bold(name)} ${style.dim(`exit status ${CAUSE_CLASSES[name].exit}`)}`);
    for (const meta of METAS.filter((one: RuleMeta) => one.class === name))
      lines.push(hanging(`  ${padEnd(meta.code, widest)}  `, meta.title, width));
  }
  lines.push('', style.dim(`one in full: ${style.command('tlsmedic explain CODE')}`));
  return `${lines.join('\n')}\n`;
}
