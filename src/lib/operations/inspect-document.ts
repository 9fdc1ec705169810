/** `inspect` for programs: the document that `--json` prints, ready to be stored or sent. */
import type { InspectionDocument } from '../report/inspection-document.js';
import { inspectionDocument } from '../report/inspection-json.js';
import { type InspectBytes, type InspectOptions, inspect as inspectInputs } from './inspect.js';

/**
 * Finds out what files, folders, patterns or bytes hold and what belongs together. Private keys come out as facts, never as keys.
 * @param inputs names as on the command line, or `{ label, bytes }`
 * @returns the `tlsmedic/inspection@1` document; what cannot be read stands in it
 * @throws TlsmedicError only for no inputs at all
 */
export async function inspect(inputs: readonly (string | InspectBytes)[], options: InspectOptions = {}): Promise<InspectionDocument> {
  return inspectionDocument(await inspectInputs(inputs, options));
}
