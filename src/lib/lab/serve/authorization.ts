import { TlsmedicError } from '../../errors.js';
import { loadYaml } from '../../yaml-parser.js';
import type { PeerIdentity } from './events.js';

/**
 * Who may call which path, by the identity in the client's certificate. This is decided above TLS: a client that is not allowed
 * gets a 403, never an alert.
 *
 * ```yaml
 * roles:
 *   reader: ['spiffe://corp/svc/*', 'cn:dashboard']
 *   admin: ['dns:ops.internal']
 * paths:
 *   /admin/**: [admin]
 *   /**: [reader, admin]
 * ```
 */
export interface Authorization {
  roles: ReadonlyMap<string, readonly IdentityPattern[]>;
  /** First match decides; a path that nothing matches is forbidden. */
  paths: readonly { pattern: string; matches: RegExp; roles: readonly string[] }[];
}

export interface IdentityPattern {
  text: string;
  /** Which names it is held against; `any` for a pattern without a kind. */
  kind: 'cn' | 'dns' | 'uri' | 'email' | 'ip' | 'fingerprint' | 'any';
  matches: RegExp;
}

export interface Decision {
  allowed: boolean;
  why: string;
  /** Roles of the identity. */
  roles: string[];
}

const ROLE_OF_FLAG = 'allowed';

/** Everybody, when no rule was given. */
export const EVERYBODY: Decision = { allowed: true, why: 'no rules were given', roles: [] };

/** `--allow PATTERN ...`: whoever matches one may call everything. */
export function authorizationFromPatterns(patterns: readonly string[]): Authorization {
  return {
    roles: new Map([[ROLE_OF_FLAG, patterns.map(identityPattern)]]),
    paths: [{ pattern: '/**', matches: pathPattern('/**'), roles: [ROLE_OF_FLAG] }],
  };
}

/**
 * A rules file (YAML or JSON).
 * @throws TlsmedicError `bad-rules`
 */
export async function parseAuthorization(text: string, file: string): Promise<Authorization> {
  const { parse } = await loadYaml();
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw badRules(file, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  if (!isRecord(document) || !isRecord(document.roles) || !isRecord(document.paths))
    throw badRules(file, 'it wants the keys "roles" and "paths"');
  const unknown = Object.keys(document).filter((key) => key !== 'roles' && key !== 'paths');
  if (unknown.length > 0) throw badRules(file, `unknown key "${unknown[0]}"`);
  const roles = new Map(
    Object.entries(document.roles).map(([role, list]) => [role, strings(list, file, `roles.${role}`).map(identityPattern)]),
  );
  const paths = Object.entries(document.paths).map(([pattern, list]) => {
    if (!pattern.startsWith('/')) throw badRules(file, `the path "${pattern}" does not begin with /`);
    const names = strings(list, file, `paths.${pattern}`);
    const missing = names.find((role) => !roles.has(role));
    if (missing !== undefined) throw badRules(file, `paths.${pattern} names the role "${missing}", which is not in roles`);
    return { pattern, matches: pathPattern(pattern), roles: names };
  });
  return { roles, paths };
}

/** Whether the holder of an identity may call a path; `identity` is null for a client without a certificate. */
export function authorize(authorization: Authorization, identity: PeerIdentity | null, path: string): Decision {
  const rule = authorization.paths.find(({ matches }) => matches.test(path));
  if (identity === null) return { allowed: false, why: 'the client gave no certificate, so it has no identity', roles: [] };
  const roles = [...authorization.roles]
    .filter(([, patterns]) => patterns.some((pattern) => fits(pattern, identity)))
    .map(([role]) => role);
  if (rule === undefined) return { allowed: false, why: `no rule mentions ${path}`, roles };
  const held = rule.roles.find((role) => roles.includes(role));
  if (held === undefined) {
    const wanted = rule.roles.length === 1 ? `the role ${rule.roles[0]}` : `one of the roles ${rule.roles.join(', ')}`;
    return { allowed: false, why: `${rule.pattern} wants ${wanted}, ${nameOf(identity)} has ${roles.join(', ') || 'none'}`, roles };
  }
  return { allowed: true, why: `${nameOf(identity)} has the role ${held} for ${rule.pattern}`, roles };
}

/** The name by which an identity is called. */
export function nameOf(identity: PeerIdentity): string {
  return (
    identity.spiffeId ?? identity.uri[0] ?? identity.dns[0] ?? identity.commonName ?? identity.email[0] ?? identity.fingerprint.slice(0, 16)
  );
}

const KINDS = ['cn', 'dns', 'uri', 'email', 'ip', 'fingerprint'] as const;

/** `cn:NAME`, `dns:*.internal`, `spiffe://corp/svc/*`, `ops@corp.example`, or a bare name that may be CN or DNS. `*` stays within a segment, `**` does not. */
export function identityPattern(text: string): IdentityPattern {
  const kind = KINDS.find((one) => text.toLowerCase().startsWith(`${one}:`) && !text.startsWith(`${one}://`));
  if (kind !== undefined) return { text, kind, matches: glob(text.slice(kind.length + 1), kind === 'uri' ? '/' : '.') };
  if (text.includes('://')) return { text, kind: 'uri', matches: glob(text, '/') };
  if (text.includes('@')) return { text, kind: 'email', matches: glob(text, '.') };
  return { text, kind: 'any', matches: glob(text, '.') };
}

function fits({ kind, matches }: IdentityPattern, identity: PeerIdentity): boolean {
  const names = {
    cn: identity.commonName === null ? [] : [identity.commonName],
    dns: identity.dns,
    uri: identity.uri,
    email: identity.email,
    ip: identity.ip,
    fingerprint: [identity.fingerprint],
    any: [...(identity.commonName === null ? [] : [identity.commonName]), ...identity.dns],
  };
  return names[kind].some((name) => matches.test(name));
}

function pathPattern(pattern: string): RegExp {
  // `/admin/**` covers /admin as well.
  return pattern.endsWith('/**') ? new RegExp(`^${globSource(pattern.slice(0, -3), '/')}(?:/.*)?$`) : glob(pattern, '/');
}

function glob(pattern: string, separator: string): RegExp {
  return new RegExp(`^${globSource(pattern, separator)}$`, separator === '.' ? 'i' : '');
}

function globSource(pattern: string, separator: string): string {
  return pattern
    .split('**')
    .map((part) =>
      part
        .split('*')
        .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join(`[^${separator}]*`),
    )
    .join('.*');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown, file: string, where: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((one): one is string => typeof one === 'string')) throw badRules(file, `${where} wants a list of texts`);
  return list;
}

function badRules(file: string, why: string): TlsmedicError {
  return new TlsmedicError('bad-rules', `the rules in ${file} cannot be used: ${why}`, {
    kind: 'input',
    next: ['example: {"roles": {"reader": ["spiffe://corp/svc/*"]}, "paths": {"/**": ["reader"]}}'],
  });
}
