/**
 * The engine without the terminal: what the package exports. The only file that re-exports.
 */
export { type Authority, type AuthorityOptions, createAuthority, type IssuingAuthority } from './lib/ca/authority.js';
export { type IssuedCertificate, type IssueRequest, issueCertificate } from './lib/ca/issue.js';
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
export type { Diagnosis } from './lib/diagnose/diagnosis.js';
export { type ErrorKind, TlsmedicError } from './lib/errors.js';
export type { Explanation } from './lib/messages/explanation.js';
export type { Observation } from './lib/observe/observation.js';
export { type DiagnoseOptions, type DiagnoseResult, diagnose, replay } from './lib/operations/diagnose.js';
export { type ExplainOptions, explain } from './lib/operations/explain.js';
export type { InspectBytes, InspectOptions } from './lib/operations/inspect.js';
export { inspect } from './lib/operations/inspect-document.js';
export { type ProbeOptions, type ProbeResult, probe } from './lib/operations/probe.js';
export { type CertificateInput, type VerifyChainInput, verifyChain } from './lib/operations/verify-chain.js';
export type { Profile, Purpose, RevocationMode, Verification } from './lib/path/verification.js';
export type { InspectionDocument } from './lib/report/inspection-document.js';
export { VERSION } from './lib/version.js';
