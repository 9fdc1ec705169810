import { CAUSE_CLASSES, type CauseClass } from '../cause.js';
import { METAS } from '../diagnose/registry.js';
import { type CauseDocument, causeDocument } from './catalogue.js';

/** docs/causes: one page a code and an index, from the same metadata as `tlsmedic explain CODE`. */
export function cataloguePages(): { name: string; text: string }[] {
  return [
    { name: 'README', text: indexPage() },
    ...METAS.flatMap(({ code }) => causeDocument(code) ?? []).map((document) => ({ name: document.code, text: causePage(document) })),
  ];
}

/** Text that stands in a table or a line of Markdown. */
function inline(text: string): string {
  return text.replace(/([|<>*_`\\])/g, '\\$1');
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function indexPage(): string {
  const lines = ['# Causes', '', 'Made from the rules by `npm run docs`. `tlsmedic explain CODE` says the same on the terminal.', ''];
  for (const name of Object.keys(CAUSE_CLASSES) as CauseClass[]) {
    lines.push(`## ${name} (exit status ${CAUSE_CLASSES[name].exit})`, '');
    for (const meta of METAS.filter((one) => one.class === name)) lines.push(`- [${meta.code}](${meta.code}.md): ${inline(meta.title)}`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function causePage(document: CauseDocument): string {
  const step = ({ title, command }: { title: string; command?: string }, label: string) => [
    `${label} ${inline(title)}`,
    ...(command === undefined ? [] : ['', '   ```sh', `   ${command}`, '   ```', '']),
  ];
  const lines = [
    `# ${document.code}: ${inline(document.title)}`,
    '',
    `Class [${document.class}](README.md), exit status ${document.exitStatus}.`,
    '',
    inline(document.why),
    '',
    '## How programs word it',
    '',
    '| program | words |',
    '|---|---|',
    ...document.wordings.map(({ runtime, text }) => `| ${inline(runtime)} | ${code(text.replaceAll('|', '\\|'))} |`),
    '',
    ...(document.alerts.length > 0 ? [`TLS alerts seen: ${document.alerts.map(code).join(', ')}.`, ''] : []),
    '## How to see it for yourself',
    '',
    ...document.confirm.flatMap((one) => step(one, '-')),
    '',
    '## How to mend it',
    '',
    ...document.fixes.flatMap((one, index) => step(one, `${index + 1}.`)),
    '',
    ...(document.references.length > 0 ? ['## To read on', '', ...document.references.map((text) => `- ${inline(text)}`), ''] : []),
  ];
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}
