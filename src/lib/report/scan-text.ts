import type { ScanFact } from '../observe/scan/scan-fact.js';
import { displayWidth, hanging, padEnd } from './layout.js';
import type { View } from './view.js';

/** What a server takes: versions, suites in order, groups, signature schemes. What is weak is marked and said. */
export function scanLines(scan: ScanFact, view: View): string[] {
  const { style } = view;
  const lines = [style.bold(`what the server takes, by ${scan.hellos} ClientHellos in ${(scan.ms / 1000).toFixed(1)} s`)];
  for (const { version, accepted, instead, weak } of scan.versions) {
    const mark = accepted ? (weak ? style.warn(style.symbol.warn) : style.ok(style.symbol.ok)) : style.dim(style.symbol.dash);
    lines.push(
      `  ${mark} ${padEnd(version, 8)} ${accepted ? (weak ? style.warn(`yes: ${weak}`) : 'yes') : style.dim(`no${instead ? `: ${instead}` : ''}`)}`,
    );
  }
  for (const { version, accepted, preference } of scan.suites) {
    lines.push(
      '',
      style.bold(`${version} cipher suites`) +
        style.dim(
          `  ${{ server: "in the server's order", client: "the client's order decides", 'only-one': 'only this one' }[preference]}`,
        ),
    );
    const width = Math.max(...accepted.map(({ name }) => displayWidth(name)));
    const otherWidth = Math.max(0, ...accepted.map(({ name, openssl }) => (openssl === name ? 0 : displayWidth(openssl))));
    const weakWidth = Math.max(0, ...accepted.map(({ weak }) => (weak === undefined ? 0 : displayWidth(weak) + 2)));
    // The second name gives way before the remark about a weakness does.
    const showOther = otherWidth > 0 && view.width >= 4 + width + 2 + otherWidth + weakWidth;
    for (const { name, openssl, weak } of accepted) {
      const mark = weak ? style.warn(style.symbol.warn) : style.ok(style.symbol.ok);
      const other = showOther ? `  ${style.dim(padEnd(openssl === name ? '' : openssl, otherWidth))}` : '';
      const line = `  ${mark} ${padEnd(name, width)}${other}`;
      lines.push(
        (weak && displayWidth(line) + 2 + displayWidth(weak) <= view.width
          ? `${line}  ${style.warn(weak)}`
          : weak
            ? `${line.trimEnd()}\n      ${style.warn(weak)}`
            : line
        ).trimEnd(),
      );
    }
  }
  if (scan.suites.length > 0) lines.push('');
  for (const { version, accepted } of scan.groups)
    if (accepted.length > 0) lines.push(hanging(`  ${version} groups  `, accepted.join(' '), view.width));
  for (const { version, accepted } of scan.signatureSchemes)
    if (accepted.length > 0) lines.push(hanging(`  ${version} schemes  `, accepted.join(' '), view.width));
  for (const note of scan.notes) lines.push(style.dim(hanging('  note  ', note, view.width)));
  return lines;
}
