import type { SetFile } from '../io/file-set.js';
import { PRIVATE_FILE, PUBLIC_FILE } from '../io/files.js';
import { certificatesFromPem } from '../x509/pem.js';
import { writePkcs12, writePkcs12TrustStore } from './pkcs12-writer.js';
import type { SubjectAltName } from './subject-alt-name.js';

export const OUTPUT_FORMATS = ['pem', 'p12', 'k8s-secret', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What goes into the files of one certificate. */
export interface OutputMaterial {
  /** First part of the file names. */
  base: string;
  chainPem: string;
  /** Undefined when a request was signed. */
  keyPem: string | undefined;
  /** PKCS#8 DER of the same key. */
  pkcs8: Uint8Array | undefined;
  bundlePem: string;
  crlPem?: string | undefined;
  names: readonly SubjectAltName[];
  /** For PKCS#12; `generated` ones are written beside the store. */
  passphrase?: { text: string; generated: boolean } | undefined;
  namespace?: string | undefined;
}

/** The files of one certificate: by what they are, their names; and the set to write. */
export interface OutputPlan {
  names: {
    certificate?: string;
    key?: string;
    bundle: string;
    crl?: string;
    keyStore?: string;
    trustStore?: string;
    passphrase?: string;
    secret?: string;
    json?: string;
  };
  files: SetFile[];
}

/** The name files get: the first name in the certificate without what file systems and shells dislike. */
export function fileBaseName(name: SubjectAltName): string {
  const text = name.kind === 'uri' ? name.value.replace(/^[a-z][a-z0-9+.-]*:(\/\/)?/i, '') : name.value.replace(/^\*\./, '_wildcard.');
  const base = text
    .replace(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  // ca.crt is the trust bundle, also for a host of that name.
  return base === 'ca' ? 'ca-host' : base || 'certificate';
}

/** Plans the files of a certificate in a format. Names: NAME.crt, NAME.key, ca.crt; NAME.p12, ca.p12; NAME.secret.yaml; NAME.json. */
export function planOutput(format: OutputFormat, material: OutputMaterial): OutputPlan {
  const { base, bundlePem, crlPem } = material;
  const plan: OutputPlan = { names: { bundle: 'ca.crt' }, files: [{ name: 'ca.crt', data: bundlePem, mode: PUBLIC_FILE, shared: true }] };
  const add = (
    what: Exclude<keyof OutputPlan['names'], 'bundle'>,
    name: string,
    data: Uint8Array | string,
    mode: number,
    shared = false,
  ): void => {
    plan.names[what] = name;
    plan.files.push(shared ? { name, data, mode, shared } : { name, data, mode });
  };
  // A list of revoked certificates is the authority's present state: it replaces the one before.
  if (crlPem !== undefined) add('crl', 'ca.crl', crlPem, PUBLIC_FILE, true);
  switch (format) {
    case 'pem':
      add('certificate', `${base}.crt`, material.chainPem, PUBLIC_FILE);
      if (material.keyPem !== undefined) add('key', `${base}.key`, material.keyPem, PRIVATE_FILE);
      return plan;
    case 'p12': {
      const { text, generated } = material.passphrase as { text: string; generated: boolean };
      const chain = certificatesFromPem(material.chainPem);
      add('keyStore', `${base}.p12`, writePkcs12({ chain, pkcs8: material.pkcs8 as Uint8Array, friendlyName: base }, text), PRIVATE_FILE);
      const roots = certificatesFromPem(bundlePem).map((der, i) => ({ der, alias: `tlsmedic-root-${i + 1}` }));
      add('trustStore', `${base}.ca.p12`, writePkcs12TrustStore(roots, text), PRIVATE_FILE);
      if (generated) add('passphrase', `${base}.p12.passphrase`, `${text}\n`, PRIVATE_FILE);
      return plan;
    }
    case 'k8s-secret':
      add('secret', `${base}.secret.yaml`, secretYaml(material), PRIVATE_FILE);
      return plan;
    case 'json':
      add(
        'json',
        `${base}.json`,
        `${JSON.stringify({ certificate: material.chainPem, key: material.keyPem ?? null, ca: bundlePem }, null, 2)}\n`,
        PRIVATE_FILE,
      );
      return plan;
  }
}

/** A Secret of type kubernetes.io/tls with ca.crt beside the pair, as cert-manager writes them. */
function secretYaml({ base, chainPem, keyPem, bundlePem, namespace }: OutputMaterial): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const name = base
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return `apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: ${name}-tls${namespace === undefined ? '' : `\n  namespace: ${namespace}`}
data:
  tls.crt: ${base64(chainPem)}
  tls.key: ${base64(keyPem ?? '')}
  ca.crt: ${base64(bundlePem)}
`;
}
