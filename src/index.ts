/**
 * The engine without the terminal: what the package exports. The only file that re-exports.
 */
export {
  type Alternative,
  CAUSE_CLASSES,
  type Cause,
  type CauseClass,
  type CauseCode,
  type Confidence,
  classOf,
  type EvidenceItem,
  exitStatusOf,
  type Fix,
  isCauseCode,
  type Party,
} from './lib/cause.js';
export { type ErrorKind, TlsmedicError } from './lib/errors.js';
export { VERSION } from './lib/version.js';
