import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/cause.js';
import { TlsmedicCommand } from '../../../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../../../lib/cli/ca-flags.js';
import { trustAuthority } from '../../../lib/operations/ca-trust.js';
import { renderCaTrust } from '../../../lib/report/ca-text.js';

export default class CaTrustInstall extends TlsmedicCommand {
  static override summary = 'put the root into the stores of this machine';
  static override description = 'Stores: the system (Debian, Fedora), NSS databases of this user (Chromium), Java. Needs no network.';
  static override examples = [{ description: 'what it would do', command: 'tlsmedic ca trust install --dry-run' }];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    'dry-run': Flags.boolean({ description: 'show the commands, run none' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaTrustInstall);
    const { folder, places } = caPlaces(flags['ca-dir']);
    const document = await trustAuthority({ folder, action: 'install', dryRun: flags['dry-run'] ?? false });
    const exitStatus = document.stores.some((store) => store.status === 'failed') ? EXIT.usage : EXIT.healthy;
    this.finish({ document, render: (view) => renderCaTrust(document, view, places), exitStatus });
  }
}
