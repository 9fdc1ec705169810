import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { caFlags, caPlaces } from '../lib/cli/ca-flags.js';
import { duration, sharedFlags } from '../lib/cli/flags.js';
import { stopSignal } from '../lib/cli/stop-signal.js';
import { viewOf } from '../lib/cli/terminal.js';
import { readPassphrase } from '../lib/io/passphrase.js';
import { SERVE_FAULTS, SERVE_STACKS, type ServeOptions, type ServeStack, serve } from '../lib/operations/serve.js';
import { renderServeEvent, renderTryIt } from '../lib/report/serve-text.js';

const CERTIFICATE = 'CERTIFICATE OF THIS SERVER';
const CLIENTS = 'CLIENTS';
const PRACTICE = 'PRACTICE';
const PLACE = 'PLACE AND LIMITS';

export default class Serve extends TlsmedicCommand {
  static override summary = 'a debugging server: what clients offer and send, and why they are refused';
  static override description =
    `For every connection it tells what the client offered (versions, suites, groups, signature schemes, SNI, ALPN, JA4), which chain it sent, and, when it is
refused, by which cause and with which fix; also when the handshake failed. Over HTTP/1.1 and HTTP/2 it answers with what it saw.
Without --cert and --key the development authority issues; without an authority one is made for this run.
Certificates are read again when the files change; open connections go on.`;
  static override examples = [
    { description: 'nothing at hand: makes its own certificates and says how to call it', command: 'tlsmedic serve' },
    {
      description: 'mutual TLS with your files',
      command: 'tlsmedic serve --cert server.crt --key server.key --client-auth required --client-ca ca.crt',
    },
    { description: 'who may call what', command: "tlsmedic serve --allow 'spiffe://corp/svc/*'" },
    { description: 'does my client notice?', command: 'tlsmedic serve --fault missing-intermediate' },
    { description: 'refuse as nginx does', command: 'tlsmedic serve --client-auth required --like nginx' },
  ];
  static override flags = {
    cert: Flags.string({
      helpGroup: CERTIFICATE,
      helpValue: 'FILE',
      description: 'certificate of the server, followed by its intermediates',
    }),
    key: Flags.string({ helpGroup: CERTIFICATE, helpValue: 'FILE', description: 'its private key' }),
    'passphrase-file': { ...sharedFlags['passphrase-file'], helpGroup: CERTIFICATE },
    'ca-dir': { ...caFlags['ca-dir'], helpGroup: CERTIFICATE },
    name: Flags.string({
      multiple: true,
      helpGroup: CERTIFICATE,
      helpValue: 'NAME',
      description: 'name in the certificate that is issued (repeatable; default: localhost)',
    }),
    reload: Flags.boolean({
      allowNo: true,
      default: true,
      helpGroup: CERTIFICATE,
      description: 'read the files again when they change; --no-reload is the stale server to practise with',
    }),
    'client-auth': Flags.custom<'none' | 'optional' | 'required'>({
      options: ['none', 'optional', 'required'],
      helpGroup: CLIENTS,
      helpValue: 'HOW',
      description: 'none, optional or required (default: optional; required with --allow)',
    })(),
    'client-ca': Flags.string({
      multiple: true,
      helpGroup: CLIENTS,
      helpValue: 'FILE',
      description: "authorities of the clients (default: the authority's)",
    }),
    crl: sharedFlags.crl,
    allow: Flags.string({
      multiple: true,
      helpGroup: CLIENTS,
      helpValue: 'PATTERN',
      description: "who may call: 'spiffe://corp/svc/*', cn:NAME, dns:*.internal, email:…; others get 403",
      exclusive: ['rules'],
    }),
    rules: Flags.string({
      helpGroup: CLIENTS,
      helpValue: 'FILE',
      description: `roles by identity and paths by role, YAML or JSON: {roles: {ops: ['cn:ops']}, paths: {'/**': [ops]}}`,
    }),
    'min-version': { ...sharedFlags['min-version'], description: 'lowest TLS version (default: 1.2)' },
    'max-version': { ...sharedFlags['max-version'], description: 'highest TLS version (default: 1.3)' },
    ciphers: { ...sharedFlags.ciphers, description: 'cipher suites, in OpenSSL spelling' },
    groups: { ...sharedFlags.groups, description: 'key exchange groups, colon separated' },
    sigalgs: { ...sharedFlags.sigalgs, description: 'signature algorithms, colon separated' },
    alpn: sharedFlags.alpn,
    fault: Flags.string({
      multiple: true,
      helpGroup: PRACTICE,
      helpValue: 'NAME',
      description: `misbehave on purpose: ${SERVE_FAULTS.join(', ')}`,
    }),
    like: Flags.custom<ServeStack>({
      options: [...SERVE_STACKS],
      helpGroup: PRACTICE,
      helpValue: 'STACK',
      description: `refuse clients as this one does: ${SERVE_STACKS.join(', ')}`,
    })(),
    host: Flags.string({ helpGroup: PLACE, helpValue: 'ADDRESS', description: 'address to listen on (default: 127.0.0.1)' }),
    port: Flags.integer({ helpGroup: PLACE, min: 0, max: 65_535, description: 'port (default: 8443; 0 takes a free one)' }),
    'max-connections': Flags.integer({ helpGroup: PLACE, min: 1, max: 100_000, description: 'more at a time are reset (default: 1000)' }),
    timeout: duration({ helpGroup: PLACE, description: 'time for a handshake (default: 10s)' }),
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const view = viewOf(this.terminal, flags.verbose ?? false);
    const stopped = stopSignal();
    const options: ServeOptions = {
      authorityFolder: caPlaces(flags['ca-dir']).folder,
      reload: flags.reload,
      names: flags.name ?? [],
      onEvent: (event) => this.emit(event, () => renderServeEvent(event, view)),
      ...given({
        host: flags.host,
        port: flags.port,
        cert: flags.cert,
        key: flags.key,
        passphrase: flags['passphrase-file'] === undefined ? undefined : await readPassphrase(flags['passphrase-file']),
        clientAuth: flags['client-auth'],
        clientCa: flags['client-ca'],
        crl: flags.crl,
        allow: flags.allow,
        rules: flags.rules,
        minVersion: flags['min-version'] as ServeOptions['minVersion'],
        maxVersion: flags['max-version'] as ServeOptions['maxVersion'],
        ciphers: flags.ciphers,
        groups: flags.groups,
        signatureAlgorithms: flags.sigalgs,
        alpn: flags.alpn,
        faults: flags.fault,
        like: flags.like,
        maxConnections: flags['max-connections'],
        handshakeTimeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      }),
    };
    const serving = await serve(options);
    if (serving.client !== undefined) {
      if (serving.from === 'throw-away') this.notice('no authority here yet (tlsmedic ca init makes one): this run has one of its own');
      this.notice(renderTryIt(serving, serving.client, view));
    }
    await stopped;
    await serving.close();
    this.finish({ exitStatus: 0 });
  }
}

/** Leaves out what was not given. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
