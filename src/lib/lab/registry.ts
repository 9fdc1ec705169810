import type { World } from './world.js';
import { clientAuthWorlds } from './worlds/client-auth.js';
import { clockWorlds } from './worlds/clocks.js';
import { expiryWorlds } from './worlds/expiry.js';
import { healthyWorlds } from './worlds/healthy.js';
import { nameWorlds } from './worlds/names.js';
import { protocolWorlds } from './worlds/protocol.js';
import { unknownAuthorityWorlds } from './worlds/unknown-authority.js';

/** Every world of the lab, in the order of the contract's classes. */
export const allWorlds: readonly World[] = [
  ...healthyWorlds,
  ...expiryWorlds,
  ...clockWorlds,
  ...unknownAuthorityWorlds,
  ...nameWorlds,
  ...protocolWorlds,
  ...clientAuthWorlds,
];

/** The world of that name. */
export function worldNamed(name: string): World | undefined {
  return allWorlds.find((world) => world.name === name);
}
