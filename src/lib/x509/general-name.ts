import type { Name } from './name.js';

/** GeneralName (RFC 5280 §4.2.1.6). `raw` is the contents of the encoding. */
export type GeneralName =
  | { kind: 'dns'; value: string; raw: Uint8Array }
  | { kind: 'email'; value: string; raw: Uint8Array }
  | { kind: 'uri'; value: string; raw: Uint8Array }
  /** `value` is the usual text of the address; in a name constraint `ADDRESS/MASK`. Empty when the length is wrong. */
  | { kind: 'ip'; value: string; raw: Uint8Array }
  | { kind: 'dirName'; value: string; name: Name; raw: Uint8Array }
  | { kind: 'otherName'; value: string; oid: string; raw: Uint8Array }
  | { kind: 'rid'; value: string; raw: Uint8Array }
  | { kind: 'x400' | 'ediParty' | 'unknown'; value: string; raw: Uint8Array };
