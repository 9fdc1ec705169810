import { join } from 'node:path';
import type { RequestDocument } from '../ca/documents.js';
import { quoteForShell } from '../diagnose/meta.js';
import { escapeForTerminal } from './escape.js';
import { hanging } from './layout.js';
import type { View } from './view.js';

/** What `csr` prints: what was made, where it lies, who has to do what with it. */
export function renderRequest(document: RequestDocument, view: View): string {
  const { style } = view;
  const file = (name: string) => escapeForTerminal(join(document.folder, name));
  const row = (label: string, text: string) => hanging(`  ${style.dim(label.padEnd(9))}`, text, view.width);
  return [
    `${style.ok(`${style.symbol.ok} made a request for`)} ${style.bold(escapeForTerminal(document.names[0] ?? ''))}, ${document.keyType}`,
    '',
    row('names', document.names.map((name) => escapeForTerminal(name)).join(', ')),
    row('files', `${file(document.files.request)}  to be signed by the authority`),
    row('', `${file(document.files.key)}  private key (0600): it stays here`),
    '',
    `  ${style.dim('next')}     ${style.command(`tlsmedic inspect ${quoteForShell(join(document.folder, document.files.request))}`)}`,
    `           ${style.command(`tlsmedic issue --csr ${quoteForShell(join(document.folder, document.files.request))}`)}  ${style.dim('when the authority is yours')}`,
  ].join('\n');
}
