import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { sharedFlags } from '../lib/cli/flags.js';
import { makeRequest } from '../lib/operations/make-request.js';
import { renderRequest } from '../lib/report/request-text.js';

export default class Csr extends TlsmedicCommand {
  static override summary = "make a key and a certificate request for somebody else's authority";
  static override description =
    `The kind of each name is inferred, as in issue: DNS name, IP address, e-mail address, URI, SPIFFE ID. The key is written 0600 and leaves the folder with nobody;
what the authority gives back goes beside it. With an authority of your own, issue does both steps at once.`;
  static override examples = [
    { description: 'for the company authority', command: 'tlsmedic csr api.internal 10.0.0.7 --out ./tls' },
    { description: 'every name of a Kubernetes service', command: 'tlsmedic csr --k8s payments.prod --out ./tls' },
    { description: 'does the answer fit the key?', command: 'tlsmedic inspect ./tls' },
  ];
  static override strict = false;
  static override args = { name: Args.string({ description: 'name to ask for; several at once' }) };
  static override flags = {
    k8s: Flags.string({ multiple: true, helpValue: 'SERVICE.NAMESPACE', description: 'all names of a Kubernetes service' }),
    spiffe: Flags.string({ helpValue: 'ID', description: 'SPIFFE ID, as the only URI' }),
    organization: Flags.string({ helpValue: 'O', description: 'organisation in the subject' }),
    'key-type': Flags.string({
      options: ['p256', 'p384', 'ed25519', 'rsa-2048', 'rsa-3072', 'rsa-4096'],
      default: 'p256',
      helpValue: 'TYPE',
      description: 'key',
    }),
    out: Flags.string({ char: 'o', helpValue: 'DIR', default: '.', description: 'folder for NAME.key and NAME.csr' }),
    as: Flags.string({ helpValue: 'NAME', description: 'first part of the file names (default: the first name)' }),
    force: sharedFlags.force,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Csr);
    const document = await makeRequest({
      names: argv as string[],
      keyType: flags['key-type'] as NonNullable<Parameters<typeof makeRequest>[0]['keyType']>,
      out: flags.out,
      force: flags.force,
      ...(flags.k8s === undefined ? {} : { kubernetes: flags.k8s }),
      ...(flags.spiffe === undefined ? {} : { spiffe: flags.spiffe }),
      ...(flags.organization === undefined ? {} : { organization: flags.organization }),
      ...(flags.as === undefined ? {} : { as: flags.as }),
    });
    this.finish({ document, render: (view) => renderRequest(document, view), exitStatus: 0 });
  }
}
