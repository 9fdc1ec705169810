/** From what was typed to the names of a certificate. */
import type { RequestToSign } from '../ca/signing-request.js';
import {
  distinctNames,
  inferSubjectAltName,
  kubernetesServiceNames,
  type SubjectAltName,
  spiffeId,
  trustDomainOf,
} from '../ca/subject-alt-name.js';
import { TlsmedicError } from '../errors.js';

/** Names as typed on the command line or in a row of a batch. */
export interface TypedNames {
  names: readonly string[];
  /** `SERVICE.NAMESPACE[.svc.CLUSTERDOMAIN]`. */
  k8s?: readonly string[];
  spiffe?: string | undefined;
}

/** Names in the order in which they were typed, each with what it was inferred to be. Those of a request count when none were typed. */
export function resolveNames(typed: TypedNames, request?: RequestToSign): { typed: string; san: SubjectAltName }[] {
  const resolved = typed.names.map((name) => ({ typed: name, san: inferSubjectAltName(name) }));
  for (const service of typed.k8s ?? [])
    for (const san of kubernetesServiceNames(service)) resolved.push({ typed: `--k8s ${service}`, san });
  if (typed.spiffe !== undefined) {
    const other = resolved.find(({ san }) => san.kind === 'uri');
    if (other !== undefined) {
      throw new TlsmedicError(
        'several-uris',
        `an X.509-SVID has exactly one URI, and ${other.san.value} would be a second one beside --spiffe ${typed.spiffe}`,
        {
          kind: 'usage',
          next: ['give one of the two'],
        },
      );
    }
    resolved.push({ typed: `--spiffe ${typed.spiffe}`, san: spiffeId(typed.spiffe) });
  }
  checkSpiffeIds(resolved.map(({ san }) => san));
  if (resolved.length === 0 && request !== undefined) return request.sans.map((san) => ({ typed: 'request', san }));
  return resolved;
}

/** A SPIFFE ID among the names makes it an SVID: no second URI may stand beside it (X.509-SVID §2). */
function checkSpiffeIds(sans: readonly SubjectAltName[]): void {
  const uris = distinctNames(sans.filter((san) => san.kind === 'uri'));
  const id = uris.find((san) => trustDomainOf(san.value) !== undefined);
  if (id === undefined) return;
  if (uris.length > 1) {
    throw new TlsmedicError(
      'several-uris',
      `an X.509-SVID has exactly one URI, not ${uris.length}: ${uris.map((san) => san.value).join(', ')}`,
      {
        kind: 'usage',
        next: ['issue one certificate for each SPIFFE ID'],
      },
    );
  }
  if (/^spiffe:\/\/[^/]+$/.test(id.value)) {
    throw new TlsmedicError('no-workload', `${id.value} names a whole trust domain; the SPIFFE ID of a workload has a path`, {
      kind: 'usage',
      next: [`write ${id.value}/payments/gateway`],
    });
  }
}
