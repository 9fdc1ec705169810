import { CONFIG_SNIPPETS, CONFIG_TARGETS, type ConfigTarget } from '../ca/config-snippets.js';
import { CRL_REASONS, type CrlReason } from '../ca/crl.js';
import { FAULT_NAMES } from '../ca/faults.js';
import { KEY_TYPE_NAMES, KEY_TYPES, type KeyType } from '../ca/key-pair.js';
import { parseNameSubtree } from '../ca/name-constraints.js';
import { OUTPUT_FORMATS } from '../ca/output-files.js';
import { TlsmedicError } from '../errors.js';

/** What a person may choose from when issuing; the flags and their help are made of these lists. */
export const ISSUE_CHOICES = {
  keyTypes: KEY_TYPES,
  faults: FAULT_NAMES,
  formats: OUTPUT_FORMATS,
  configTargets: CONFIG_TARGETS,
  crlReasons: Object.keys(CRL_REASONS) as CrlReason[],
} as const;

/** How a key type is called: `ECDSA P-256`. */
export function keyTypeName(type: KeyType): string {
  return KEY_TYPE_NAMES[type];
}

/** Heading of a printed configuration. */
export function configTitle(target: ConfigTarget): string {
  return CONFIG_SNIPPETS[target].title;
}

/** What is wrong with a name constraint as typed, or undefined. */
export function nameConstraintProblem(typed: string): string | undefined {
  try {
    parseNameSubtree(typed);
    return undefined;
  } catch (error) {
    if (error instanceof TlsmedicError) return error.message;
    throw error;
  }
}

/** What is wrong with a passphrase for a PKCS#12 file, or undefined. */
export function passphraseProblem(passphrase: string): string | undefined {
  return /[^\x20-\x7e]/.test(passphrase)
    ? 'a passphrase of a PKCS#12 file must be of ASCII characters: Java cannot open it otherwise'
    : undefined;
}

/** A file name that was chosen: nothing that leaves the folder, and not the bundle's. */
export function safeBase(typed: string): string {
  if (/^[A-Za-z0-9_@][A-Za-z0-9._@-]{0,99}$/.test(typed) && typed !== 'ca') return typed;
  throw new TlsmedicError('usage', `--as: "${typed}" cannot be the name of the files`, {
    kind: 'usage',
    next: ['use letters, digits, ".", "-" and "_"; not "ca", which is the bundle'],
  });
}
