import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, exitStatusOf } from '../lib/cause.js';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { sharedFlags } from '../lib/cli/flags.js';
import type { VerifiedFile, VerifyFilesInput } from '../lib/operations/verify-files.js';
import { escapeForTerminal } from '../lib/report/escape.js';

const WHO = 'WHO IS MEANT';
const RULES = 'RULES';

export default class VerifyChain extends TlsmedicCommand {
  static override summary = 'verify a certificate chain against a trust store and say why not';
  static override description =
    `Builds every candidate path from the end entity to a trust anchor and holds each certificate against every rule (RFC 5280 §6, RFC 9525): all defects are
shown, not only the first, and a missing issuer is named by name and key identifier. A file with an end entity is a chain of its own; files of CA certificates
alone help along. With --next-ca it compares two bundles: which certificates verify under the old one, the next one and both.

EXIT STATUS
  0   every chain verifies (with --next-ca: under the next bundle)
  1   several chains with different causes
  2   a file or trust store cannot be used
  10  expired or not yet valid
  12  no path to a trust anchor
  13  it is for another name
  16  revoked, or nobody can tell
  17  a certificate breaks a rule of the path`;
  static override examples = [
    {
      description: 'the chain that a server will serve',
      command: 'tlsmedic verify-chain server-chain.pem --ca ca.pem --hostname api.internal',
    },
    { description: 'a client certificate', command: 'tlsmedic verify-chain client.pem --ca ca.pem --purpose client' },
    {
      description: 'a SPIFFE workload',
      command: 'tlsmedic verify-chain svid.pem --ca bundle.pem --spiffe-id spiffe://prod.example/ns/pay/sa/ledger',
    },
    { description: 'will it still verify at New Year', command: 'tlsmedic verify-chain server-chain.pem --ca ca.pem --at 2027-01-01' },
    { description: 'may the old CA bundle go', command: 'tlsmedic verify-chain certs/*.pem --ca old.pem --next-ca new.pem' },
    {
      description: 'what Go would say',
      command: 'tlsmedic verify-chain server-chain.pem --ca ca.pem --hostname api.internal --profile go',
    },
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ description: 'FILE with the chain, or - ; several at once', required: true }),
  };
  static override flags = {
    ca: sharedFlags.ca,
    trust: sharedFlags.trust,
    'next-ca': Flags.string({
      multiple: true,
      helpValue: 'FILE',
      helpGroup: 'TRUST',
      description: 'compare with this bundle, the one to come (repeatable)',
    }),
    intermediates: sharedFlags.intermediates,
    crl: sharedFlags.crl,
    ocsp: Flags.string({ multiple: true, helpValue: 'FILE', helpGroup: 'TRUST', description: 'OCSP response (repeatable)' }),
    revocation: Flags.string({
      options: ['none', 'soft', 'hard', 'hard-leaf'],
      helpGroup: RULES,
      description:
        'what a missing revocation status means: soft notes it, hard refuses (default: soft where --crl or --ocsp is given, else none)',
    }),
    hostname: { ...sharedFlags.hostname, description: 'DNS name (or address) that the certificate has to carry' },
    ip: Flags.string({ helpValue: 'ADDRESS', helpGroup: WHO, description: 'IP address that the certificate has to carry' }),
    email: Flags.string({ helpValue: 'ADDRESS', helpGroup: WHO, description: 'e-mail address that it has to carry' }),
    uri: Flags.string({ helpValue: 'URI', helpGroup: WHO, description: 'URI that it has to carry' }),
    'spiffe-id': sharedFlags['spiffe-id'],
    'trust-domain': sharedFlags['trust-domain'],
    purpose: Flags.string({
      options: ['server', 'client', 'any'],
      helpGroup: RULES,
      description: 'what the certificate is used for (default: server; any with --next-ca)',
    }),
    profile: Flags.string({
      options: ['rfc5280', 'webpki', 'openssl', 'go'],
      default: 'rfc5280',
      helpGroup: RULES,
      description: 'whose rules: the strict standard, the CA/Browser Forum, OpenSSL and node, Go',
    }),
    strict: Flags.boolean({
      helpGroup: RULES,
      description:
        'also refuse what RFC 5280 §4 asks of CAs and no path hangs on: key identifiers, serial numbers, criticality (else warned of)',
    }),
    'max-depth': Flags.integer({ min: 0, helpGroup: RULES, description: 'intermediates allowed, self-issued ones not counted' }),
    'partial-chain': Flags.boolean({
      allowNo: true,
      helpGroup: RULES,
      description: 'an intermediate in the trust store ends a path (default: but for profile openssl)',
    }),
    policy: Flags.string({
      multiple: true,
      helpValue: 'OID',
      helpGroup: RULES,
      description: 'certificate policy that the path has to be valid for (repeatable)',
    }),
    'fetch-missing': Flags.boolean({
      helpGroup: 'TRUST',
      description: 'ask the caIssuers addresses in certificates for missing issuers (HTTP)',
    }),
    at: sharedFlags.at,
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(VerifyChain);
    const { referencesOf } = await import('../lib/operations/verify-chain.js');
    const partialChain = flags['partial-chain'];
    const maxDepth = flags['max-depth'];
    const input: VerifyFilesInput = {
      files: argv as string[],
      ca: flags.ca ?? [],
      trust: flags.trust as VerifyFilesInput['trust'],
      env: process.env,
      intermediates: flags.intermediates ?? [],
      crls: flags.crl ?? [],
      ocsp: flags.ocsp ?? [],
      fetchMissing: flags['fetch-missing'],
      question: {
        at: flags.at ?? Date.now(),
        references: referencesOf({
          hostname: flags.hostname,
          ip: flags.ip,
          email: flags.email,
          uri: flags.uri,
          spiffeId: flags['spiffe-id'],
          trustDomain: flags['trust-domain'],
        }),
        purpose: (flags.purpose ?? (flags['next-ca'] === undefined ? 'server' : 'any')) as NonNullable<
          VerifyFilesInput['question']['purpose']
        >,
        profile: flags.profile as NonNullable<VerifyFilesInput['question']['profile']>,
        duties: flags.strict ? 'enforce' : 'warn',
        ...(maxDepth === undefined ? {} : { maxDepth }),
        ...(partialChain === undefined ? {} : { partialChain }),
        ...(flags.revocation === undefined
          ? {}
          : { revocation: flags.revocation as NonNullable<VerifyFilesInput['question']['revocation']> }),
        ...(flags.policy === undefined
          ? {}
          : { policies: { initial: flags.policy, explicit: true, inhibitMapping: false, inhibitAny: false } }),
      },
    };
    if (flags['next-ca'] !== undefined) return this.#compare(input, flags['next-ca']);
    const { verifyFiles } = await import('../lib/operations/verify-files.js');
    await this.#report(await verifyFiles(input));
  }

  async #compare(input: VerifyFilesInput, nextCa: readonly string[]): Promise<void> {
    const { compareBundles } = await import('../lib/operations/compare-bundles.js');
    const { renderBundleComparison } = await import('../lib/report/bundle-comparison-text.js');
    const document = await compareBundles({ ...input, nextCa });
    const causes = document.leaves.flatMap((leaf) => (leaf.next ? [] : leaf.causes.slice(0, 1)));
    this.finish({ document, render: (view) => renderBundleComparison(document, view), exitStatus: exitStatusOf(causes) });
  }

  async #report(results: readonly VerifiedFile[]): Promise<void> {
    const { renderVerification } = await import('../lib/report/verification-text.js');
    const notes = ({ chain, fetched }: VerifiedFile) => ({ notes: chain.notes, fetched });
    const [only] = results;
    if (results.length === 1 && only !== undefined) {
      this.finish({
        document: only.document,
        render: (view) => renderVerification(only.document, notes(only), view),
        exitStatus: exitStatusOf(only.document.causes),
      });
      return;
    }
    const statuses = new Set<number>();
    for (const result of results) {
      this.emit(
        result.document,
        (view) => `${escapeForTerminal(result.chain.file)}\n${renderVerification(result.document, notes(result), view)}\n`,
      );
      if (!result.document.valid) statuses.add(exitStatusOf(result.document.causes));
    }
    this.finish({ exitStatus: statuses.size === 0 ? EXIT.healthy : statuses.size === 1 ? ([...statuses][0] as number) : EXIT.several });
  }
}
