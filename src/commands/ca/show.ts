import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../../lib/cli/ca-flags.js';
import { localNow } from '../../lib/io/local-clock.js';
import { showAuthority } from '../../lib/operations/ca-show.js';
import { renderCa } from '../../lib/report/ca-text.js';

export default class CaShow extends TlsmedicCommand {
  static override summary = 'what the authority holds, what it issued, what expires next';
  static override examples = [
    { description: 'the usual one', command: 'tlsmedic ca show' },
    { description: 'another', command: 'tlsmedic ca show --ca-dir ./ca' },
  ];
  static override flags = { 'ca-dir': caFlags['ca-dir'] };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaShow);
    const { folder, places } = caPlaces(flags['ca-dir']);
    const document = showAuthority(folder, localNow());
    this.finish({ document, render: (view) => renderCa(document, view, places), exitStatus: 0 });
  }
}
