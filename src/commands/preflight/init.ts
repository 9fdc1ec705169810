import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { sharedFlags } from '../../lib/cli/flags.js';
import { askText } from '../../lib/cli/prompt.js';
import { PUBLIC_FILE, writeFileAtomic } from '../../lib/io/files.js';
import { draftConfig } from '../../lib/operations/preflight/draft-config.js';
import { renderDraft } from '../../lib/report/preflight-draft.js';

export default class PreflightInit extends TlsmedicCommand {
  static override summary = 'write a preflight file by looking at endpoints as they are today';
  static override description =
    `Looks at each endpoint once and writes down what holds now: the oldest TLS version, whether a client certificate is demanded, the SPIFFE ID,
a complete chain. Read it before you rely on it: what is wrong today would be expected for ever.`;
  static override examples = [
    { description: 'from what is there', command: 'tlsmedic preflight init ledger:8443 gateway:8443 --ca ca.crt' },
    { description: 'with a client certificate', command: 'tlsmedic preflight init ledger:8443 --ca ca.crt --cert gw.crt --key gw.key' },
    { description: 'asked step by step', command: 'tlsmedic preflight init' },
  ];
  static override strict = false;
  static override args = { endpoint: Args.string({ description: 'HOST:PORT or URL; several at once' }) };
  static override flags = {
    ca: sharedFlags.ca,
    trust: sharedFlags.trust,
    cert: sharedFlags.cert,
    key: sharedFlags.key,
    out: Flags.string({ helpValue: 'FILE', default: 'tlsmedic.yaml', description: 'file to write (- for standard output)' }),
    timeout: sharedFlags.timeout,
    force: sharedFlags.force,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PreflightInit);
    let endpoints = argv as string[];
    let ca = flags.ca;
    if (endpoints.length === 0) {
      const { terminal } = this;
      endpoints = words(
        await askText(terminal, {
          message: 'endpoints, HOST:PORT separated by blanks',
          instead: 'HOST:PORT',
          check: (text) => words(text).length > 0 || 'one at least',
        }),
      );
      const answer =
        ca === undefined
          ? words(await askText(terminal, { message: 'file of trust anchors (empty: the system store)', instead: '--ca FILE' }))
          : [];
      if (ca === undefined && answer.length > 0) ca = answer;
    }
    const draft = await draftConfig({
      endpoints,
      ...(ca === undefined ? {} : { ca }),
      ...(flags.trust === undefined ? {} : { trust: flags.trust as 'system' | 'mozilla' | 'none' }),
      ...(flags.cert === undefined ? {} : { client: { cert: flags.cert, ...(flags.key === undefined ? {} : { key: flags.key }) } }),
      ...(flags.timeout === undefined ? {} : { timeoutSeconds: flags.timeout }),
      configPath: flags.out,
    });
    if (flags.out !== '-') writeFileAtomic(flags.out, draft.text, { mode: PUBLIC_FILE, force: flags.force });
    const path = flags.out === '-' ? undefined : flags.out;
    this.finish({
      document: { schema: 'tlsmedic/preflight-draft@1', path: path ?? null, config: draft.config, notes: draft.notes } as {
        schema: string;
      },
      render: (view) =>
        path === undefined ? draft.text : renderDraft({ path, targets: draft.config.targets.length, notes: draft.notes }, view),
      exitStatus: 0,
    });
  }
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
