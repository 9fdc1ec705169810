import { loadTrustStore } from '../io/trust-store.js';
import type { BundleComparison } from '../path/bundle-comparison.js';
import { validatePath } from '../path/validate.js';
import type { PathQuestion, SourcedCertificate } from '../path/verification.js';
import { causesOf } from '../path/verification-document.js';
import { anchorsOf, readCertificateFiles, readChains, type VerifyFilesInput } from './verify-files.js';

/** Verifies every chain under the old bundle, the next one and both. @throws TlsmedicError for files that cannot be used */
export async function compareBundles(input: VerifyFilesInput & { nextCa: readonly string[] }): Promise<BundleComparison> {
  const oldStore = await loadTrustStore({ ca: input.ca ?? [], trust: input.trust, env: input.env });
  const nextStore = await loadTrustStore({ ca: input.nextCa, env: input.env });
  const [old, next] = [anchorsOf(oldStore), anchorsOf(nextStore)];
  const { chains, shared } = await readChains(input.files);
  const given = await readCertificateFiles(input.intermediates ?? []);
  const leaves = chains.map(({ file, leaf, rest }) => {
    const judge = (anchors: readonly SourcedCertificate[]) => {
      const question: PathQuestion = { ...input.question, leaf, intermediates: [...rest, ...shared, ...given], anchors };
      return validatePath(question);
    };
    const [underOld, underNext, underBoth] = [judge(old), judge(next), judge([...old, ...next])];
    const { certificate } = leaf;
    return {
      file,
      subject: certificate.subject.text || certificate.subjectAltName?.[0]?.value || certificate.serial,
      fingerprint: certificate.fingerprint,
      notAfter: Number.isNaN(certificate.notAfter) ? null : new Date(certificate.notAfter).toISOString(),
      old: underOld.ok,
      next: underNext.ok,
      both: underBoth.ok,
      causes: causesOf(underNext.problems, underNext.best, input.question.purpose),
    };
  });
  const prints = (list: readonly SourcedCertificate[]): Map<string, string> =>
    new Map(list.map(({ certificate }) => [certificate.fingerprint, certificate.subject.text]));
  const [inOld, inNext] = [prints(old), prints(next)];
  const pick = (from: Map<string, string>, keep: (print: string) => boolean): string[] =>
    [...from].filter(([print]) => keep(print)).map(([, name]) => name);
  return {
    schema: 'tlsmedic/bundle-comparison@1',
    old: oldStore.name,
    next: nextStore.name,
    ready: leaves.every((leaf) => leaf.next),
    leaves,
    anchors: {
      onlyOld: pick(inOld, (print) => !inNext.has(print)),
      onlyNext: pick(inNext, (print) => !inOld.has(print)),
      both: pick(inOld, (print) => inNext.has(print)),
    },
  };
}
