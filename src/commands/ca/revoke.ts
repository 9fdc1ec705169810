import * as Flags from '@oclif/core/flags';
import type { CrlReason } from '../../lib/ca/crl.js';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../../lib/cli/ca-flags.js';
import { duration } from '../../lib/cli/flags.js';
import { TlsmedicError } from '../../lib/errors.js';
import { localNow } from '../../lib/io/local-clock.js';
import { revokeCertificates } from '../../lib/operations/ca-revoke.js';
import { ISSUE_CHOICES } from '../../lib/operations/issue-choices.js';
import { renderCaRevoke } from '../../lib/report/ca-text.js';

export default class CaRevoke extends TlsmedicCommand {
  static override summary = 'put certificates on the revocation list and write it anew';
  static override usage = ['ca revoke CERTIFICATE... [--reason REASON]'];
  static override strict = false;
  static override examples = [
    { description: 'by file', command: 'tlsmedic ca revoke tls/api.internal.crt --reason keyCompromise' },
    { description: 'by serial number', command: 'tlsmedic ca revoke 6b1f0c9a…' },
    { description: 'only renew the list (ca.crl), which is good for a week', command: 'tlsmedic ca revoke --renew-list' },
  ];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    reason: Flags.custom<CrlReason>({
      options: ISSUE_CHOICES.crlReasons,
      helpValue: 'REASON',
      description: `why: ${ISSUE_CHOICES.crlReasons.join(', ')}`,
    })(),
    'crl-lifetime': duration({ description: 'how long the list is good for (default: 7d)' }),
    'renew-list': Flags.boolean({ description: 'write the list anew without revoking anything' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CaRevoke);
    const { folder, places } = caPlaces(flags['ca-dir']);
    if (argv.length === 0 && !flags['renew-list']) {
      throw new TlsmedicError('usage', 'which certificate is to be revoked?', {
        kind: 'usage',
        next: ['tlsmedic ca revoke FILE.crt', 'serial numbers: tlsmedic ca show'],
      });
    }
    const document = revokeCertificates({
      folder,
      certificates: argv as string[],
      reason: flags.reason ?? 'unspecified',
      crlSeconds: flags['crl-lifetime'],
      now: localNow(),
    });
    this.finish({ document, render: (view) => renderCaRevoke(document, view, places), exitStatus: 0 });
  }
}
