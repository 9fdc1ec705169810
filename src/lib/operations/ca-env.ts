import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { CaEnvDocument } from '../ca/documents.js';
import { writePkcs12TrustStore } from '../ca/pkcs12-writer.js';
import { BUNDLE_FILE, bundleOf, readDocument } from '../ca/store.js';
import { PUBLIC_FILE, readFileIfThere, writeFileAtomic } from '../io/files.js';
import { certificatesFromPem } from '../x509/pem.js';

/** Where systems keep all trusted roots in one PEM file: Debian and Alpine, Fedora, openSUSE, macOS and BSD. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** Password of the trust store: it holds public certificates and guards nothing. The one Java uses for its own. */
const PUBLIC_PASSWORD = 'changeit';

export interface CaEnvRequest {
  folder: string;
  /** Trust this authority and nothing else. */
  only: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Variables that make programs trust the authority's roots without touching the system. Most variables replace the usual trust, so a bundle of the
 * system's roots and these is written beside them.
 */
export function trustEnvironment({ folder, only, env }: CaEnvRequest): CaEnvDocument {
  const own = bundleOf(folder, readDocument(folder));
  const ownPath = join(folder, BUNDLE_FILE);
  const bundle = only ? ownPath : join(folder, 'with-system.crt');
  const store = join(folder, only ? 'only.p12' : 'with-system.p12');
  const all = only ? own : `${own}${systemRoots(env.SSL_CERT_FILE, bundle)}`;
  if (!only) writeFileAtomic(bundle, all, { mode: PUBLIC_FILE, force: true });
  const roots = certificatesFromPem(all).map((der, i) => ({ der, alias: `root-${i + 1}` }));
  writeFileAtomic(store, writePkcs12TrustStore(roots, PUBLIC_PASSWORD), { mode: PUBLIC_FILE, force: true });
  const java = `-Djavax.net.ssl.trustStore=${javaWord(store)} -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=${PUBLIC_PASSWORD}`;
  const before = env.JAVA_TOOL_OPTIONS?.replace(/-Djavax\.net\.ssl\.trustStore\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*\s*/g, '').trim();
  return {
    schema: 'tlsmedic/ca-env@1',
    bundle,
    variables: [
      { name: 'NODE_EXTRA_CA_CERTS', value: ownPath, for: 'Node.js (added to its own roots)' },
      { name: 'SSL_CERT_FILE', value: bundle, for: 'Go, OpenSSL, Python ssl and httpx, Ruby, Rust (rustls-native-certs)' },
      { name: 'REQUESTS_CA_BUNDLE', value: bundle, for: 'Python requests' },
      { name: 'CURL_CA_BUNDLE', value: bundle, for: 'curl' },
      { name: 'GIT_SSL_CAINFO', value: bundle, for: 'git' },
      { name: 'JAVA_TOOL_OPTIONS', value: before ? `${before} ${java}` : java, for: 'Java' },
    ],
  };
}

/** A part of JAVA_TOOL_OPTIONS, which knows quotes of both kinds and no escapes. */
function javaWord(text: string): string {
  return text
    .split('"')
    .map((part) => (/[\s']/.test(part) ? `"${part}"` : part))
    .join(`'"'`);
}

/** The roots programs trust now: those of SSL_CERT_FILE, else of the system, else those Node is shipped with. */
function systemRoots(configured: string | undefined, ours: string): string {
  const candidates =
    configured !== undefined && configured !== '' && configured !== ours ? [configured, ...SYSTEM_BUNDLES] : SYSTEM_BUNDLES;
  for (const path of candidates) {
    const bytes = readFileIfThere(path);
    if (bytes !== undefined && bytes.length > 0) return Buffer.from(bytes).toString('utf8');
  }
  return `${rootCertificates.join('\n')}\n`;
}
