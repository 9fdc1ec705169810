/** The end of an inspection's screen: what to do, and what to type next. */
import { quoteForShell } from '../diagnose/meta.js';
import type { Inspection } from '../inspection/inspection.js';
import { type FoundCertificate, typedAs } from '../inspection/inventory.js';
import { field } from './certificate-card.js';
import { escapeForTerminal } from './escape.js';
import { hanging } from './layout.js';
import type { View } from './view.js';

/** A command under the text of a field, in one piece however narrow the terminal is: it is to be copied. */
export function commandLine(command: string, view: View): string {
  return `${' '.repeat(15)}${view.style.command(escapeForTerminal(command))}`;
}

/** A step under the text of a field: a command in one piece, or a sentence. */
export function stepLine(step: string, view: View): string {
  return /^(?:tlsmedic|openssl|keytool|kubectl|gunzip|bunzip2|xz|zstd|tar|git|age|sops|gpg|certutil|ansible-vault) /.test(step)
    ? commandLine(step, view)
    : field('', view.style.dim(escapeForTerminal(step)), view);
}

/** What to do about the causes: their steps, each once. */
export function fixLines(inspection: Inspection, view: View): string[] {
  const fixes = new Map(
    inspection.judgement.causes
      .slice(0, 5)
      .flatMap(({ fixes: steps }) => steps.map((step) => [`${step.title} ${step.command ?? ''}`, step] as const)),
  );
  return [...fixes.values()]
    .slice(0, 6)
    .flatMap(({ title, command }, i) => [
      field(i === 0 ? 'fix' : '', `${i + 1} ${escapeForTerminal(title)}`, view),
      ...(command === undefined ? [] : [commandLine(`  ${command}`, view)]),
    ]);
}

/** The line that verifies the first end entity, with the root that was seen beside it. Only for files that `verify-chain` reads. */
function verifyCommand({ inventory }: Inspection): string | undefined {
  const typed = (found: FoundCertificate | undefined): string | undefined => {
    const input = found === undefined ? undefined : inventory.inputs[found.where.input];
    const plain =
      input?.kind === 'file' &&
      input.label !== 'standard input' &&
      input.reading?.formats.every((format) => format === 'PEM' || format === 'DER') === true;
    return plain ? quoteForShell(typedAs(input)) : undefined;
  };
  const leaf = typed(inventory.certificates.find(({ role }) => role === 'leaf'));
  const root = typed(inventory.certificates.find(({ role }) => role === 'root'));
  return leaf === undefined ? undefined : `tlsmedic verify-chain ${leaf} --ca ${root ?? 'CA'}`;
}

/** What to type next. */
export function nextLine(inspection: Inspection, view: View): string {
  const { style } = view;
  const [cause] = inspection.judgement.causes;
  const verify = cause === undefined ? verifyCommand(inspection) : undefined;
  const steps = [
    verify === undefined ? undefined : `does it verify: ${verify}`,
    cause === undefined ? undefined : `tlsmedic explain ${cause.code}`,
    '--text full dump',
    '--json everything',
  ];
  return style.dim(
    hanging('more: ', escapeForTerminal(steps.filter((step) => step !== undefined).join(` ${style.symbol.bullet} `)), view.width),
  );
}
