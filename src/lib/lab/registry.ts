import type { World } from './world.js';
import { clientAuthWorlds } from './worlds/client-auth.js';
import { clockWorlds } from './worlds/clocks.js';
import { cornerWorlds } from './worlds/corners.js';
import { deploymentWorlds } from './worlds/deployment.js';
import { expiryWorlds } from './worlds/expiry.js';
import { healthyWorlds } from './worlds/healthy.js';
import { invalidCertificateWorlds } from './worlds/invalid-certificate.js';
import { keyMaterialWorlds } from './worlds/key-material.js';
import { nameWorlds } from './worlds/names.js';
import { networkWorlds } from './worlds/network.js';
import { notTlsWorlds } from './worlds/not-tls.js';
import { protocolWorlds } from './worlds/protocol.js';
import { revocationWorlds } from './worlds/revocation.js';
import { seenOnServersWorlds } from './worlds/seen-on-servers.js';
import { severalWorlds } from './worlds/several.js';
import { unknownAuthorityWorlds } from './worlds/unknown-authority.js';

/** Every world of the lab, in the order of the contract's classes; the healthy ones last. */
export const allWorlds: readonly World[] = [
  ...expiryWorlds,
  ...clockWorlds,
  ...unknownAuthorityWorlds,
  ...nameWorlds,
  ...protocolWorlds,
  ...clientAuthWorlds,
  ...revocationWorlds,
  ...invalidCertificateWorlds,
  ...notTlsWorlds,
  ...networkWorlds,
  ...deploymentWorlds,
  ...keyMaterialWorlds,
  ...severalWorlds,
  ...seenOnServersWorlds,
  ...cornerWorlds,
  ...healthyWorlds,
];

/** The world of that name. */
export function worldNamed(name: string): World | undefined {
  return allWorlds.find((world) => world.name === name);
}
