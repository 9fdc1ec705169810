import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { writeOut } from '../lib/cli/output.js';
import { stopSignal } from '../lib/cli/stop-signal.js';
import { viewOf } from '../lib/cli/terminal.js';
import type { DemoRow } from '../lib/lab/demo-document.js';
import { demo, demoExitStatus, listWorlds, openWorld, plannedVisits } from '../lib/operations/demo.js';
import { renderDemoHeading, renderDemoRow, renderDemoSummary, renderOpenWorld, renderWorlds } from '../lib/report/demo-text.js';

export default class Demo extends TlsmedicCommand {
  static override summary = 'see it work: broken servers on loopback, diagnosed and mended';
  static override description =
    `Makes a throw-away authority, starts one broken server after another on this machine, shows what a plain Node client says and what the diagnosis says,
applies the fix and looks again. Needs no network, no other program, no configuration; leaves nothing behind.

EXIT STATUS
  0  every diagnosis was right and every fix healed
  1  one was not`;
  static override examples = [
    { description: 'all lessons, in a few seconds', command: 'tlsmedic demo' },
    { description: 'keep one broken server running, for curl and openssl', command: 'tlsmedic demo --world missing-intermediate' },
    { description: 'the same server, mended', command: 'tlsmedic demo --world missing-intermediate --mended' },
    { description: 'what there is', command: 'tlsmedic demo --list' },
  ];
  static override flags = {
    world: Flags.string({ helpValue: 'NAME', description: 'start this one and keep it running', exclusive: ['list', 'all'] }),
    mended: Flags.boolean({ description: 'with --world: apply its fix first', dependsOn: ['world'] }),
    'tls-version': Flags.custom<'1.2' | '1.3'>({
      options: ['1.2', '1.3'],
      helpValue: 'VERSION',
      description: 'with --world: 1.2 or 1.3 (default: 1.3)',
      dependsOn: ['world'],
    })(),
    list: Flags.boolean({ description: 'list all worlds', exclusive: ['world', 'all'] }),
    all: Flags.boolean({ description: 'every world on every TLS version, not one a lesson', exclusive: ['world', 'list'] }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo);
    if (flags.list) {
      const document = listWorlds();
      this.finish({ document, render: (view) => renderWorlds(document.worlds, view), exitStatus: 0 });
    } else if (flags.world !== undefined) await this.keepOpen(flags.world, flags.mended ?? false, flags['tls-version']);
    else await this.demonstrate(flags.all ?? false);
  }

  private async demonstrate(all: boolean): Promise<void> {
    const view = viewOf(this.terminal, false);
    const live = !this.terminal.json && !this.terminal.quiet;
    if (live) writeOut(`${renderDemoHeading(plannedVisits(all), view)}\n`);
    let previous: DemoRow | undefined;
    const show = (row: DemoRow): void => {
      writeOut(`${renderDemoRow(row, view, previous)}\n`);
      previous = row;
    };
    const document = await demo({
      all,
      signal: this.interruption,
      ...(live ? { onRow: show } : {}),
    });
    this.finish({ document, render: () => renderDemoSummary(document, view), exitStatus: demoExitStatus(document) });
  }

  private async keepOpen(name: string, mended: boolean, version: '1.2' | '1.3' | undefined): Promise<void> {
    const stopped = stopSignal();
    const { document, close } = await openWorld(name, mended, version === undefined ? undefined : `TLSv${version}`);
    const view = viewOf(this.terminal, false);
    this.emit(document, () => renderOpenWorld(document, view));
    await stopped;
    await close();
    this.finish({ exitStatus: 0 });
  }
}
