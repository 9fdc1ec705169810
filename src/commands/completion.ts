import * as Args from '@oclif/core/args';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { completionScript, SHELLS, type Shell } from '../lib/cli/completion.js';

export default class Completion extends TlsmedicCommand {
  static override summary = 'print a completion script for your shell';
  static override examples = [
    { description: 'bash: put this into ~/.bashrc', command: 'eval "$(tlsmedic completion bash)"' },
    { description: 'zsh: put this into ~/.zshrc, after compinit', command: 'eval "$(tlsmedic completion zsh)"' },
    { description: 'fish', command: 'tlsmedic completion fish > ~/.config/fish/completions/tlsmedic.fish' },
  ];
  static override args = {
    shell: Args.string({ description: `your shell: ${SHELLS.join(', ')}`, options: [...SHELLS], required: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const script = completionScript(args.shell as Shell, await this.manifest());
    this.finish({ document: { schema: 'tlsmedic/completion@1', shell: args.shell, script }, render: () => script, exitStatus: 0 });
  }
}
