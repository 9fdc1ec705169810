import * as Flags from '@oclif/core/flags';
import type { KeyType } from '../../lib/ca/key-pair.js';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { caFlags, caPlaces, keyTypeFlag } from '../../lib/cli/ca-flags.js';
import { duration } from '../../lib/cli/flags.js';
import { askChoice, askSecret, askText } from '../../lib/cli/prompt.js';
import { TlsmedicError } from '../../lib/errors.js';
import { localNow } from '../../lib/io/local-clock.js';
import { readPassphrase } from '../../lib/io/passphrase.js';
import { passphraseFolder } from '../../lib/io/user-folders.js';
import { initAuthority, type RootKeyChoice, refuseTakenFolder } from '../../lib/operations/ca-init.js';
import { ISSUE_CHOICES, keyTypeName, nameConstraintProblem } from '../../lib/operations/issue-choices.js';
import { renderCa } from '../../lib/report/ca-text.js';

const CHOICES: readonly KeyType[] = ['p256', 'p384', 'ed25519', 'rsa-3072', 'rsa-4096'];

export default class CaInit extends TlsmedicCommand {
  static override summary = 'make a root and an intermediate that issues';
  static override description =
    `The root vouches for the intermediate and is then put away: its key is encrypted. The intermediate issues, its key is readable by you alone.
A passphrase that is made up (--yes) is kept in ~/.config/tlsmedic, apart from the authority's folder: a copy of that folder (a backup, a container, a cache) is
then not enough to sign as the root. Whoever reads both is: move it to a password manager.`;
  static override examples = [
    { description: 'asks what it needs to know', command: 'tlsmedic ca init' },
    { description: 'takes the defaults; the passphrase of the root is made up and kept', command: 'tlsmedic ca init --yes' },
    { description: 'for a CI job that throws it away', command: 'tlsmedic ca init --yes --unencrypted-root-key --ca-dir ./ca' },
    {
      description: 'may certify these names only',
      command: 'tlsmedic ca init --permit internal --permit 10.0.0.0/8 --trust-domain prod.example',
    },
    { description: 'root key on a stick', command: 'tlsmedic ca init --root-key-out /media/stick/root.key --passphrase-file ./passphrase' },
  ];
  static override flags = {
    'ca-dir': caFlags['ca-dir'],
    name: Flags.string({ helpValue: 'NAME', description: 'what the authority is called (default: tlsmedic dev)' }),
    'key-type': keyTypeFlag(ISSUE_CHOICES.keyTypes),
    'root-lifetime': duration({ description: 'default: 10y' }),
    'intermediate-lifetime': duration({ description: 'default: 5y' }),
    'path-length': Flags.integer({
      min: 0,
      max: 10,
      helpValue: 'N',
      description: 'authorities allowed below the intermediate (default: 0)',
    }),
    permit: Flags.string({
      multiple: true,
      helpValue: 'NAMES',
      description: 'certify these names only: internal, 10.0.0.0/8, @example.com, spiffe://prod.example',
    }),
    exclude: Flags.string({ multiple: true, helpValue: 'NAMES', description: 'never certify these' }),
    'trust-domain': Flags.string({ helpValue: 'NAME', description: 'SPIFFE trust domain of this authority' }),
    'passphrase-file': caFlags['passphrase-file'],
    'root-key-out': Flags.string({ helpValue: 'PATH', description: "write the root's key here instead of into the folder" }),
    'unencrypted-root-key': Flags.boolean({ description: "leave the root's key in clear", exclusive: ['passphrase-file'] }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing, take the defaults' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaInit);
    const { folder, places } = caPlaces(flags['ca-dir']);
    refuseTakenFolder(folder);
    const given = Object.keys(flags).filter((name) => !['ca-dir', 'json', 'no-color', 'no-input', 'quiet', 'debug'].includes(name));
    const answers = given.length === 0 && this.terminal.mayPrompt ? await this.#ask() : {};
    const document = initAuthority({
      folder,
      name: answers.name ?? flags.name ?? 'tlsmedic dev',
      keyType: answers.keyType ?? flags['key-type'] ?? 'p256',
      rootSeconds: flags['root-lifetime'],
      intermediateSeconds: flags['intermediate-lifetime'],
      pathLength: flags['path-length'],
      permit: answers.permit ?? flags.permit ?? [],
      exclude: flags.exclude ?? [],
      trustDomain: flags['trust-domain'],
      rootKey: await this.#rootKey(flags),
      rootKeyOut: flags['root-key-out'],
      now: localNow(),
    });
    this.finish({ document, render: (view) => renderCa(document, view, places), exitStatus: 0 });
  }

  async #ask(): Promise<{ name?: string; keyType?: KeyType; permit?: string[] }> {
    const name = await askText(this.terminal, { message: 'name of the authority', instead: '--name NAME', initial: 'tlsmedic dev' });
    const keyType = await askChoice(this.terminal, {
      message: 'key',
      instead: '--key-type TYPE',
      choices: CHOICES.map((value) => ({
        value,
        name: value === 'p256' ? `${keyTypeName(value)} (understood everywhere)` : keyTypeName(value),
      })),
      initial: 'p256',
    });
    const permit = await askText(this.terminal, {
      message: 'names it may certify, separated by blanks (empty: any)',
      instead: '--permit NAMES',
      initial: '',
      check: (answer) =>
        words(answer)
          .map(nameConstraintProblem)
          .find((problem) => problem !== undefined) ?? true,
    });
    return { name, keyType, permit: words(permit) };
  }

  async #rootKey(flags: {
    'passphrase-file'?: string | undefined;
    'unencrypted-root-key'?: boolean;
    yes?: boolean;
  }): Promise<RootKeyChoice> {
    if (flags['unencrypted-root-key']) return { protection: 'none' };
    if (flags['passphrase-file'] !== undefined)
      return { protection: 'passphrase', passphrase: await readPassphrase(flags['passphrase-file']) };
    if (flags.yes) return { protection: 'generated', passphraseFolder: passphraseFolder({ env: process.env }) };
    if (!this.terminal.mayPrompt) {
      throw new TlsmedicError(
        'may-not-prompt',
        `the passphrase for the root's key may not be asked: ${this.terminal.mayNotPromptBecause}`,
        {
          kind: 'usage',
          next: [
            '--yes makes one up and keeps it in a file',
            '--passphrase-file FILE (- for standard input, fd:3 for a descriptor)',
            '--unencrypted-root-key for an authority that is thrown away',
          ],
        },
      );
    }
    const passphrase = await askSecret(this.terminal, {
      message: "passphrase for the root's key (empty: make one up)",
      instead: '--passphrase-file FILE',
      repeat: true,
    });
    return passphrase === ''
      ? { protection: 'generated', passphraseFolder: passphraseFolder({ env: process.env }) }
      : { protection: 'passphrase', passphrase };
  }
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
