import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { caFlags, caPlaces, keyTypeFlag } from '../../lib/cli/ca-flags.js';
import { duration } from '../../lib/cli/flags.js';
import { askSecret } from '../../lib/cli/prompt.js';
import { localNow } from '../../lib/io/local-clock.js';
import { readPassphrase } from '../../lib/io/passphrase.js';
import { generatedPassphraseFile, rotateAuthority } from '../../lib/operations/ca-rotate.js';
import { ISSUE_CHOICES } from '../../lib/operations/issue-choices.js';
import { renderCa } from '../../lib/report/ca-text.js';

export default class CaRotate extends TlsmedicCommand {
  static override summary = 'a new root and intermediate, cross-signed by the old root';
  static override description =
    'The old root vouches for the new one (the bridge), every new chain carries the bridge, and ca.crt holds both roots: nobody is locked out in between.';
  static override examples = [
    { description: 'asks for the passphrase of the old root; the new root gets the same', command: 'tlsmedic ca rotate' },
    { description: 'unattended', command: 'tlsmedic ca rotate --passphrase-file ./passphrase' },
  ];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    'key-type': keyTypeFlag(ISSUE_CHOICES.keyTypes),
    'root-lifetime': duration({ description: 'default: 10y' }),
    'intermediate-lifetime': duration({ description: 'default: 5y' }),
    'passphrase-file': caFlags['passphrase-file'],
    'new-passphrase-file': Flags.string({
      helpValue: 'FILE',
      description: "passphrase for the new root's key (default: that of the old one)",
    }),
    'root-key-out': Flags.string({ helpValue: 'PATH', description: "write the new root's key here instead of into the folder" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaRotate);
    const { folder, places } = caPlaces(flags['ca-dir']);
    const document = await rotateAuthority({
      folder,
      keyType: flags['key-type'],
      rootSeconds: flags['root-lifetime'],
      intermediateSeconds: flags['intermediate-lifetime'],
      oldPassphrase: () => {
        const source = flags['passphrase-file'] ?? generatedPassphraseFile(folder);
        if (source !== undefined) return readPassphrase(source);
        return askSecret(this.terminal, { message: "passphrase of the present root's key", instead: '--passphrase-file FILE' });
      },
      rootKey:
        flags['new-passphrase-file'] === undefined
          ? { protection: 'same' }
          : { protection: 'passphrase', passphrase: await readPassphrase(flags['new-passphrase-file']) },
      rootKeyOut: flags['root-key-out'],
      now: localNow(),
    });
    this.finish({ document, render: (view) => renderCa(document, view, places), exitStatus: 0 });
  }
}
