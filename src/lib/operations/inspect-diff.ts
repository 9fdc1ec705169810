/** `inspect --diff A B`: two inputs against each other. */
import { type Cause, classOf, exitStatusOf } from '../cause.js';
import { TlsmedicError } from '../errors.js';
import { type Difference, differenceBetween } from '../inspection/difference.js';
import type { Inspection } from '../inspection/inspection.js';
import { nameOfCertificate } from '../inspection/judgement.js';
import { durationInWords, isoTime } from '../time-text.js';
import { type InspectOptions, inspect, inspectionExitStatus } from './inspect.js';

export interface InspectDiffResult {
  difference: Difference;
  labels: { before: string; after: string };
  causes: Cause[];
  exitStatus: number;
  at: number;
}

function isEndpoint({ inventory }: Inspection): boolean {
  return inventory.inputs[0]?.kind === 'endpoint';
}

/** An endpoint that serves an older certificate than the file beside it has not reloaded. */
function staleServing(before: Inspection, after: Inspection, difference: Difference, at: number): Cause | undefined {
  if (isEndpoint(before) === isEndpoint(after)) return undefined;
  const change = difference.changed.find((candidate) => candidate.after.role === 'leaf');
  if (change === undefined) return undefined;
  const [served, file] = isEndpoint(before) ? [change.before, change.after] : [change.after, change.before];
  const newer = (file.certificate.notBefore - served.certificate.notBefore) / 1000;
  if (!(newer > 0) || file.certificate.notBefore > at) return undefined;
  return {
    class: classOf('stale-served-certificate'),
    code: 'stale-served-certificate',
    party: 'server',
    confidence: 'likely',
    summary: `the server still serves the certificate from before the renewal: that in ${file.where.text} is ${durationInWords(newer)} newer`,
    evidence: [
      { fact: 'notBefore as served', value: isoTime(served.certificate.notBefore), source: served.where.text },
      { fact: 'notBefore in the file', value: isoTime(file.certificate.notBefore), source: file.where.text },
      { fact: 'name', value: nameOfCertificate(served), source: served.where.text },
    ],
    fixes: [{ title: 'make the server load its certificate again: reload or restart it' }],
    alternatives: [],
  };
}

/**
 * Compares the certificates of two inputs.
 * @throws TlsmedicError when there are not two, or one of them holds no certificate
 */
export async function inspectDiff(inputs: readonly string[], options: InspectOptions = {}): Promise<InspectDiffResult> {
  const [first, second] = inputs;
  if (first === undefined || second === undefined || inputs.length !== 2) {
    throw new TlsmedicError('usage', `--diff compares two inputs, ${inputs.length} given`, {
      kind: 'usage',
      next: ['tlsmedic inspect --diff OLD NEW'],
    });
  }
  const at = options.at ?? Date.now();
  const before = await inspect([first], { ...options, at });
  const after = await inspect([second], { ...options, at });
  for (const inspection of [before, after]) {
    if (inspection.inventory.certificates.length > 0) continue;
    const input = inspection.inventory.inputs[0];
    const why =
      input?.error?.message ??
      input?.reading?.instead?.what ??
      (input?.reading?.locked === undefined ? 'there is no certificate in it' : 'it takes a passphrase to see its certificates');
    throw new TlsmedicError('no-certificate', `nothing to compare in ${inspection === before ? first : second}: ${why}`, {
      kind: 'input',
      next: input?.error?.next ?? [],
    });
  }
  const difference = differenceBetween(before, after);
  const stale = staleServing(before, after, difference, at);
  const causes = stale === undefined ? [] : [stale];
  const damaged = [before, after].map(inspectionExitStatus).find((status) => status !== 0);
  return { difference, labels: { before: first, after: second }, causes, exitStatus: exitStatusOf(causes) || (damaged ?? 0), at };
}
