import type { Cause } from '../cause.js';

/** One certificate under the bundle in force, the next one, and both together. */
export interface BundleComparisonLeaf {
  file: string;
  subject: string;
  fingerprint: string;
  notAfter: string | null;
  old: boolean;
  next: boolean;
  /** With both bundles trusted at once, as during a rotation. */
  both: boolean;
  /** Why it fails under the next bundle; empty when it does not. */
  causes: Cause[];
}

/** `verify-chain --next-ca`: is it safe to go from one bundle to the next? */
export interface BundleComparison {
  schema: 'tlsmedic/bundle-comparison@1';
  old: string;
  next: string;
  /** Every certificate verifies under the next bundle: the old one may go. */
  ready: boolean;
  leaves: BundleComparisonLeaf[];
  /** Anchors by subject: in the old bundle only, in the next only, in both. */
  anchors: { onlyOld: string[]; onlyNext: string[]; both: string[] };
}
