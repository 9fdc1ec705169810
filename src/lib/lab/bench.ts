import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority, AuthorityOptions } from '../ca/authority.js';
import { createAuthority } from '../ca/authority.js';
import type { IssuedCertificate, IssueOverrides, IssueRequest } from '../ca/issue.js';
import { issueCertificate } from '../ca/issue.js';
import type { ServerCredentials, TlsServer, TlsServerSettings } from './servers/tls-server.js';
import { startTlsServer } from './servers/tls-server.js';
import type { LabContext, LabVersion, RunningWorld, WorldFlags } from './world.js';

/** Names that a lab server's good certificate has. */
export const LAB_NAMES = ['localhost', '127.0.0.1', 'ledger.payments.svc'] as const;

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** What one world is built with: an authority made for it, its files, its certificates. */
export class Bench {
  readonly now: number;
  readonly version: LabVersion;
  private readonly directory: string;
  private own: Authority | undefined;

  constructor(lab: LabContext, version: LabVersion) {
    this.now = lab.now;
    this.version = version;
    this.directory = lab.directory;
  }

  /** The world's authority, thirty days old, made on first use. */
  get authority(): Authority {
    this.own ??= this.newAuthority();
    return this.own;
  }

  /** Makes another authority the world's own. */
  adopt(authority: Authority): Authority {
    this.own = authority;
    return authority;
  }

  /** Another authority, thirty days old unless told otherwise. */
  newAuthority(options: AuthorityOptions = {}): Authority {
    return createAuthority({ name: 'Lab', now: this.now - 30 * DAY, ...options });
  }

  /** A certificate under the world's authority for the usual names, valid from an hour ago for a day, unless told otherwise. */
  issue(request: IssueRequest = {}, overrides: IssueOverrides = {}, authority: Authority = this.authority): IssuedCertificate {
    const times = { now: this.now, notBefore: this.now - HOUR, lifetimeSeconds: 86_400 };
    const names = request.sans === undefined ? LAB_NAMES : [];
    return issueCertificate(authority, { ...times, names, ...request }, { unchecked: true, ...overrides });
  }

  /** A good server certificate with its chain. */
  server(request: IssueRequest = {}, overrides: IssueOverrides = {}, authority: Authority = this.authority): ServerCredentials {
    return credentialsOf(this.issue({ profile: 'server', ...request }, overrides, authority));
  }

  /** Writes a file of the world and returns its path; keys are 0600. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, name);
    await writeFile(path, content, { mode: 0o600 });
    if (!name.endsWith('.key')) await chmod(path, 0o644);
    return path;
  }

  /** The root as the caller's trust file. */
  rootFile(authority: Authority = this.authority, name = 'ca.crt'): Promise<string> {
    return this.file(name, authority.root.pem);
  }

  /** A client certificate with its chain and key as files. */
  async client(
    request: IssueRequest = {},
    overrides: IssueOverrides = {},
    authority: Authority = this.authority,
  ): Promise<{ cert: string; key: string; issued: IssuedCertificate }> {
    const issued = this.issue({ names: ['gateway.payments.svc'], profile: 'client', ...request }, overrides, authority);
    return { ...(await this.pair('client', issued.chainPem, issued.keyPem ?? '')), issued };
  }

  /** The files of an issued certificate: its chain and its key. */
  pairOf(name: string, issued: IssuedCertificate): Promise<{ cert: string; key: string }> {
    return this.pair(name, issued.chainPem, issued.keyPem ?? '');
  }

  /** A certificate file and its key file. */
  async pair(name: string, chain: string, key: string): Promise<{ cert: string; key: string }> {
    return { cert: await this.file(`${name}.crt`, chain), key: await this.file(`${name}.key`, key) };
  }

  /** Server settings with a good certificate on the world's TLS version. */
  settings(settings: Partial<TlsServerSettings> = {}): TlsServerSettings {
    return { credentials: settings.credentials ?? this.server(), minVersion: this.version, maxVersion: this.version, ...settings };
  }
}

/** Chain and key of an issued certificate as a server loads them. */
export function credentialsOf(issued: IssuedCertificate): ServerCredentials {
  return { chain: issued.chainPem, key: issued.keyPem ?? '' };
}

export interface TlsWorldPlan {
  settings: TlsServerSettings;
  flags: WorldFlags;
  /** The line that mends it in real life. */
  fix: string;
  /** What the mended server has otherwise: merged into its settings. */
  healed?: Partial<TlsServerSettings>;
  /** What the mended caller gives otherwise: merged into the flags. */
  healedFlags?: WorldFlags;
  /** Host as typed; `localhost` unless given. */
  host?: string;
  /** What else ends with the world. */
  others?: { close(): Promise<void> }[];
}

/** Starts the one TLS server of a world; healing changes its settings as a reload would. */
export async function runTlsWorld(plan: TlsWorldPlan): Promise<RunningWorld> {
  const server = await startTlsServer(plan.settings);
  return runningWorld(server, plan);
}

function runningWorld(server: TlsServer, plan: TlsWorldPlan): RunningWorld {
  const world: RunningWorld = {
    target: `${plan.host ?? 'localhost'}:${server.port}`,
    endpoint: `${server.host}:${server.port}`,
    flags: plan.flags,
    fix: plan.fix,
    heal: async () => {
      server.settings = { ...server.settings, ...plan.healed };
      world.flags = withoutUndefined({ ...world.flags, ...plan.healedFlags });
    },
    close: async () => {
      await server.close();
      for (const other of plan.others ?? []) await other.close();
    },
  };
  return world;
}

function withoutUndefined(flags: WorldFlags): WorldFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as WorldFlags;
}
