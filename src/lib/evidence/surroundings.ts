import type { HandshakeRecord, Observation } from '../observe/observation.js';
import type { Certificate } from '../x509/certificate.js';
import { EKU, EXT } from '../x509/oids.js';
import { parseCertificate } from '../x509/parse-certificate.js';

/** Who issued a certificate, as far as it can be known without asking anybody. */
export type Origin = 'own-authority' | 'step-ca' | 'public-authority' | 'unknown';

/** What the server says of itself in its HTTP answers. */
export type ServerSoftware = 'nginx' | 'apache' | 'haproxy' | 'envoy' | 'caddy' | 'other' | 'unknown';

/** Where the caller and the server live: it decides which fixes can be used at all. */
export interface Surroundings {
  /** Of the server's certificate. */
  serverOrigin: Origin;
  /** Of the client's certificate; of the server's when none was given, since both mostly come from one house. */
  clientOrigin: Origin;
  software: ServerSoftware;
  kubernetes: 'yes' | 'no' | 'unknown';
  /** What a certificate in place of the one served has to carry: its names, and the name that was asked for (first, when it was missing). */
  serverNames: string[];
  /** `peer` when the certificate served is for both ends (RFC 5280 §4.2.1.12). */
  serverProfile: 'server' | 'peer';
  /** The names of the client's certificate. */
  clientNames: string[];
}

/** Nothing is known, as of a text or a file alone. */
export const UNKNOWN_SURROUNDINGS: Surroundings = {
  serverOrigin: 'unknown',
  clientOrigin: 'unknown',
  software: 'unknown',
  kubernetes: 'unknown',
  serverNames: [],
  serverProfile: 'server',
  clientNames: [],
};

/** Step-CA marks what it issues with its provisioner (Smallstep's arc, 1.3.6.1.4.1.37476.9000.64.1). */
const STEP_PROVISIONER = '1.3.6.1.4.1.37476.9000.64.1';

/** More names than fit on a command line that a person reads. */
const MOST_NAMES = 24;

/** Only what `tlsmedic issue` takes for a name, so that no word from a peer's certificate can be anything else on a command line. */
const ISSUABLE = /^(?:\*\.|::)?[A-Za-z0-9][A-Za-z0-9._:@/-]*$/;

/** Reads the surroundings off an observation. Pure. */
export function readSurroundings(
  observation: Observation,
  server: { leaf: Certificate; chain: readonly { certificate: Certificate }[] } | undefined,
  client: { leaf?: Certificate; certificates: readonly Certificate[] } | undefined,
): Surroundings {
  const { target, handshakes } = observation;
  const serverOrigin = server === undefined ? 'unknown' : originOf(observation, server.leaf);
  const asked = target.servername ?? target.hostname;
  return {
    serverOrigin,
    clientOrigin: client?.leaf === undefined ? serverOrigin : originOf(observation, client.leaf),
    software: softwareOf(handshakes),
    kubernetes: kubernetesOf(observation),
    serverNames: issuable(
      server !== undefined && namesOf(server.leaf).includes(asked) ? namesOf(server.leaf) : [asked, ...namesOf(server?.leaf)],
    ),
    serverProfile: [EKU.serverAuth, EKU.clientAuth].every((usage) => server?.leaf.extKeyUsage?.includes(usage)) ? 'peer' : 'server',
    clientNames: issuable(namesOf(client?.leaf)),
  };
}

function namesOf(leaf: Certificate | undefined): string[] {
  const names = (leaf?.subjectAltName ?? []).flatMap(({ kind, value }) =>
    kind === 'dns' || kind === 'ip' || kind === 'email' || kind === 'uri' ? [value] : [],
  );
  return names.length > 0 || leaf?.subject.commonName === undefined ? names : [leaf.subject.commonName];
}

function issuable(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const key = name.toLowerCase();
    if (!ISSUABLE.test(name) || seen.has(key) || seen.size >= MOST_NAMES) return false;
    seen.add(key);
    return true;
  });
}

function originOf({ ownAuthority, given }: Observation, leaf: Certificate): Origin {
  const issuers = (ownAuthority?.certificates ?? []).map(parseCertificate);
  if (issuers.some((issuer) => issuer.subject.key === leaf.issuer.key && sameIdentifier(issuer, leaf))) return 'own-authority';
  if (leaf.extensions.some(({ oid }) => oid === STEP_PROVISIONER)) return 'step-ca';
  // Certificate Transparency (RFC 6962 §3.3) is asked of public authorities alone.
  if (given.trust.kind !== 'file' && leaf.extensions.some(({ oid }) => oid === EXT.sctList)) return 'public-authority';
  return 'unknown';
}

function sameIdentifier(issuer: Certificate, leaf: Certificate): boolean {
  const wanted = leaf.authorityKeyIdentifier?.keyIdentifier;
  const has = issuer.subjectKeyIdentifier;
  return wanted === undefined || has === undefined || Buffer.from(wanted).equals(Buffer.from(has));
}

const SOFTWARE: readonly [RegExp, ServerSoftware][] = [
  [/nginx|openresty/i, 'nginx'],
  [/apache/i, 'apache'],
  [/haproxy/i, 'haproxy'],
  [/envoy/i, 'envoy'],
  [/caddy/i, 'caddy'],
];

function softwareOf(handshakes: readonly HandshakeRecord[]): ServerSoftware {
  for (const { http } of handshakes) {
    if (http === undefined) continue;
    // nginx signs its error pages, also where `server_tokens` hides the version.
    const said = http.server ?? /<center>(nginx|openresty)/.exec(http.bodyStart)?.[1];
    if (said !== undefined) return SOFTWARE.find(([pattern]) => pattern.test(said))?.[1] ?? 'other';
  }
  return 'unknown';
}

/** Names of Kubernetes services end in `.svc` or in the domain of the cluster; what a pod talks to mostly runs there as well. */
function kubernetesOf({ target, insideKubernetes }: Observation): Surroundings['kubernetes'] {
  const { host } = target;
  if (insideKubernetes === true || /\.svc(\.|$)|\.cluster\.local$/i.test(host)) return 'yes';
  return /^(localhost|127\.|\[?::1)/i.test(host) ? 'no' : 'unknown';
}
