import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../../lib/cli/ca-flags.js';
import { trustEnvironment } from '../../lib/operations/ca-env.js';
import { ENV_SYNTAXES, type EnvSyntax, renderCaEnv } from '../../lib/report/ca-text.js';

export default class CaEnv extends TlsmedicCommand {
  static override summary = 'variables that make programs of this shell trust the root';
  static override description =
    'For Node.js, Go, OpenSSL, Python (requests, httpx), curl, git and Java. The system is not touched; public sites stay trusted unless --only is given. Run it again after a rotation.';
  static override examples = [
    { description: 'bash, zsh', command: 'eval "$(tlsmedic ca env)"' },
    { description: 'fish', command: 'tlsmedic ca env --shell fish | source' },
    { description: 'docker compose and the like', command: 'tlsmedic ca env --shell dotenv > ca.env' },
  ];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    shell: Flags.custom<EnvSyntax>({
      options: ENV_SYNTAXES,
      helpValue: 'SHELL',
      description: `${ENV_SYNTAXES.join(', ')} (default: sh)`,
    })(),
    only: Flags.boolean({ description: 'trust this authority and nothing else' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaEnv);
    const { folder } = caPlaces(flags['ca-dir']);
    const document = trustEnvironment({ folder, only: flags.only ?? false, env: process.env });
    this.finish({ document, render: () => renderCaEnv(document, flags.shell ?? 'sh'), exitStatus: 0 });
  }
}
