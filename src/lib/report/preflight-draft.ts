import { escapeForTerminal } from './escape.js';
import { count, hanging } from './layout.js';
import type { View } from './view.js';

/** What `preflight init` says: what was written, what is wrong today, what to type next. */
export function renderDraft({ path, targets, notes }: { path: string; targets: number; notes: readonly string[] }, view: View): string {
  const { style } = view;
  const file = escapeForTerminal(path);
  const lines = [style.ok(`${style.symbol.ok} wrote ${file}: ${count(targets, 'target')} as they are today`)];
  for (const note of notes) lines.push(hanging(`  ${style.warn(style.symbol.warn)} `, escapeForTerminal(note), view.width));
  lines.push('', `${style.dim('next')}  ${style.command(`tlsmedic preflight${path === 'tlsmedic.yaml' ? '' : ` ${file}`}`)}`);
  return lines.join('\n');
}
