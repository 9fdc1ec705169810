import { dirname, join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { sharedFlags } from '../../lib/cli/flags.js';
import { askText } from '../../lib/cli/prompt.js';
import { TlsmedicError } from '../../lib/errors.js';
import { PUBLIC_FILE, writeFileAtomic } from '../../lib/io/files.js';
import { draftConfig, type PreflightDraft } from '../../lib/operations/preflight/draft-config.js';
import { schemaText } from '../../lib/operations/schemas.js';
import { renderDraft } from '../../lib/report/preflight-draft.js';
import { parseDuration } from '../../lib/time-text.js';

const SCHEMA_FILE = 'tlsmedic.schema.json';

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
    remaining: Flags.string({ helpValue: 'SHARE|DURATION', description: 'lifetime that must be left (default: 25%)' }),
    schema: Flags.boolean({ description: 'also write tlsmedic.schema.json beside it, for completion in editors' }),
    timeout: sharedFlags.timeout,
    force: sharedFlags.force,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PreflightInit);
    let endpoints = argv as string[];
    let { ca, cert, key, remaining } = flags;
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
      if (cert === undefined) {
        cert = emptyToNothing(await askText(terminal, { message: 'client certificate to show (empty: none)', instead: '--cert FILE' }));
        if (cert !== undefined && key === undefined)
          key = emptyToNothing(await askText(terminal, { message: 'its key (empty: in the same file)', instead: '--key FILE' }));
      }
      remaining ??= await askText(terminal, {
        message: 'lifetime that must be left',
        instead: '--remaining 25%',
        initial: '25%',
        check: isRemaining,
      });
    }
    if (remaining !== undefined && isRemaining(remaining) !== true)
      throw new TlsmedicError('usage', `--remaining: "${remaining}" ${isRemaining(remaining)}`, {
        kind: 'usage',
        next: ['tlsmedic preflight init HOST:PORT --remaining 25%'],
      });
    const schemaPath = flags.schema && flags.out !== '-' ? join(dirname(flags.out), SCHEMA_FILE) : undefined;
    const draft = await draftConfig({
      endpoints,
      ...(ca === undefined ? {} : { ca }),
      ...(flags.trust === undefined ? {} : { trust: flags.trust as 'system' | 'mozilla' | 'none' }),
      ...(cert === undefined ? {} : { client: { cert, key: key ?? cert } }),
      ...(remaining === undefined ? {} : { remaining }),
      ...(schemaPath === undefined ? {} : { schemaPath }),
      ...(flags.timeout === undefined ? {} : { timeoutSeconds: flags.timeout }),
      configPath: flags.out,
    });
    if (flags.out !== '-') writeFileAtomic(flags.out, draft.text, { mode: PUBLIC_FILE, force: flags.force });
    if (schemaPath !== undefined) writeFileAtomic(schemaPath, `${schemaText('preflight-config')}\n`, { mode: PUBLIC_FILE, force: true });
    const path = flags.out === '-' ? undefined : flags.out;
    this.finish({
      document: {
        schema: 'tlsmedic/preflight-draft@1',
        path: path ?? null,
        config: draft.config,
        notes: draft.notes,
      } satisfies PreflightDraft,
      render: (view) =>
        path === undefined ? draft.text : renderDraft({ path, targets: draft.config.targets.length, notes: draft.notes }, view),
      exitStatus: 0,
    });
  }
}

function isRemaining(text: string): true | string {
  return /^(100|\d{1,2})\s*%$/.test(text.trim()) || parseDuration(text) !== undefined || 'is neither a share (25%) nor a duration (7d)';
}

function emptyToNothing(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim();
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
