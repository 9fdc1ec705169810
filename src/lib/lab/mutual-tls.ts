import type { Bench } from './bench.js';
import type { RefusalStyleName } from './servers/refusal.js';
import { REFUSAL_STYLES } from './servers/refusal.js';
import type { ClientAuthentication } from './servers/tls-server.js';

/** Mutual TLS in the manner of a stack: certificates of the world's own authority are asked for and let in. */
export function mutualTls(bench: Bench, stack: RefusalStyleName, more: Partial<ClientAuthentication> = {}): ClientAuthentication {
  return { mode: 'required', anchors: [bench.authority.root.pem], clock: Date.now, style: REFUSAL_STYLES[stack], ...more };
}
