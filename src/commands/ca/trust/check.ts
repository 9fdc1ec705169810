import { EXIT } from '../../../lib/cause.js';
import { TlsmedicCommand } from '../../../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../../../lib/cli/ca-flags.js';
import { trustAuthority } from '../../../lib/operations/ca-trust.js';
import { renderCaTrust } from '../../../lib/report/ca-text.js';

export default class CaTrustCheck extends TlsmedicCommand {
  static override summary = 'which stores of this machine trust the root';
  static override description = 'Exit status 0 when every store that is there trusts it, 1 when some or none does.';
  static override examples = [{ description: 'in a script', command: 'tlsmedic ca trust check || tlsmedic ca trust install' }];
  static override flags = { 'ca-dir': caFlags['ca-dir'] };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaTrustCheck);
    const { folder, places } = caPlaces(flags['ca-dir']);
    const document = await trustAuthority({ folder, action: 'check', dryRun: false });
    const there = document.stores.filter((store) => store.status !== 'absent');
    const exitStatus = there.every((store) => store.status === 'trusted') ? EXIT.healthy : EXIT.several;
    this.finish({ document, render: (view) => renderCaTrust(document, view, places), exitStatus });
  }
}
