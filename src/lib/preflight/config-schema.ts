import { z } from 'zod';
import { ALL_CODES } from '../cause.js';
import { parseDuration, parseMoment } from '../time-text.js';
import { EXPECTATIONS } from './expectation.js';
import { MTLS_CLIENTS } from './mtls-clients.js';
import { suitesNamed } from './suite-patterns.js';

/**
 * The file that `preflight` reads, defined once: validation, types and the published JSON Schema all come from here.
 * Unknown keys are errors: a misspelt expectation that is silently ignored would be a false green.
 */

const text = z.string().min(1, 'is empty');

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'is no duration; write 5s, 30m, 24h, 90d')
  .describe('a duration: 5s, 30m, 24h, 90d');

const waitingTime = duration.refine((text) => (parseDuration(text) ?? 1) > 0, 'leaves no time at all');

const share = /^(100|\d{1,2})\s*%$/;
const remaining = z
  .string()
  .refine((text) => share.test(text.trim()) || parseDuration(text) !== undefined, 'is neither a share (25%) nor a duration (7d)')
  .describe('lifetime that must be left: a share of the whole (25%) or a duration (7d)');

const oneOrMore = (what: string) =>
  z
    .union([text, z.array(text).min(1)], { error: 'expected a text or a list of texts, none of them empty' })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe(what);

const VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
/** YAML reads an unquoted 1.2 as a number. */
const version = z
  .union([z.enum(VERSIONS), z.literal([1, 1.1, 1.2, 1.3])], { error: `expected one of ${VERSIONS.join(', ')}` })
  .transform((value) => (typeof value === 'number' ? value.toFixed(1) : value) as (typeof VERSIONS)[number]);

export const expectSchema = z
  .strictObject({
    trusted: z
      .boolean()
      .optional()
      .describe(
        'a path to a trust anchor of `ca` or `trust`, valid for the names; true unless switched off for targets of which only other facts matter',
      ),
    mtls: z
      .enum(['required', 'optional', 'none'])
      .optional()
      .describe(
        '`required`: clients without a certificate and with an untrusted, an impostor, an expired and a server-only one must all be refused, in every TLS version that the server takes',
      ),
    mtlsClients: z
      .array(z.enum(MTLS_CLIENTS))
      .min(1)
      .optional()
      .describe(
        'which clients `mtls: required` holds the server to; all by default. `expired` and `wrong-purpose` need `authority`, or certificates under `refuses`: what could not be tried counts as not checked',
      ),
    refuses: oneOrMore(
      'identities that the server must refuse: a file with a certificate and its key, or (with `authority`) a name to issue one for',
    ).optional(),
    names: oneOrMore('names that the certificate must cover').optional(),
    spiffeId: z
      .string()
      .regex(/^spiffe:\/\//, 'starts with spiffe://')
      .optional()
      .describe('the SPIFFE ID that the certificate must carry'),
    trustDomain: z.string().optional().describe('the SPIFFE trust domain that the certificate must belong to'),
    minVersion: version.optional().describe('the server must refuse older TLS versions'),
    forbidCiphers: oneOrMore('cipher suites that the server must not take, as IANA or OpenSSL names with * as wildcard')
      .superRefine((patterns, context) => {
        // A misspelt pattern forbids nothing, and would be green for ever.
        for (const pattern of patterns)
          if (suitesNamed(pattern).length === 0) context.addIssue({ code: 'custom', message: `no cipher suite is called ${pattern}` });
      })
      .optional(),
    remaining: remaining.optional(),
    servedCertificate: z.string().optional().describe('file: the certificate served must be the one in it'),
    completeChain: z.boolean().optional().describe('the server sends every intermediate'),
    revocation: z
      .enum(['off', 'fail-open', 'fail-closed'])
      .optional()
      .describe('`fail-open`: revoked fails, unknown passes and says so; `fail-closed`: only a good status passes'),
    sameOnAllAddresses: z.boolean().optional().describe('every address of the name serves the same certificate'),
    maxClockOffset: duration.optional().describe('the server clock may differ by this much'),
  })
  .describe('what must be true');

const clientSchema = z
  .strictObject({
    cert: z.string().optional(),
    key: z.string().optional(),
    p12: z.string().optional(),
    passphraseFile: z.string().optional(),
  })
  .refine((client) => (client.p12 === undefined) !== (client.cert === undefined), 'needs either cert and key, or p12')
  .refine((client) => client.cert === undefined || client.key !== undefined, 'has a cert without its key')
  .describe('the client certificate to present');

const settings = {
  ca: oneOrMore('trust anchors; replaces every other store').optional(),
  trust: z.enum(['system', 'mozilla', 'none']).optional().describe('which store to trust when `ca` is not given'),
  intermediates: oneOrMore('files with further intermediates').optional(),
  crl: oneOrMore('CRL files').optional(),
  client: clientSchema.optional(),
  authority: z
    .string()
    .optional()
    .describe(
      'folder of a tlsmedic authority that the server trusts: lets `mtls: required` try genuine certificates that are expired or for servers only',
    ),
  timeout: waitingTime.optional(),
  expect: expectSchema.optional(),
};

/** What can be said of a file; everything else of `expect` takes a handshake. */
const FILE_EXPECTATIONS = ['trusted', 'names', 'spiffeId', 'trustDomain', 'remaining', 'revocation'];
const ENDPOINT_KEYS = ['servername', 'hostname', 'connect', 'starttls', 'proxy', 'alpn', 'client', 'authority', 'service'] as const;

const targetSchema = z
  .strictObject({
    name: text.optional().describe('how reports call it; the endpoint or file by default'),
    service: z
      .string()
      .min(1)
      .optional()
      .describe(
        'the service that it belongs to, the name by default: replicas of one service may share a certificate where others may not',
      ),
    endpoint: text.optional().describe('HOST:PORT or URL'),
    files: oneOrMore('certificate files, globs, directories, Kubernetes manifests').optional(),
    servername: z.string().optional().describe('SNI, when it differs from the host'),
    hostname: z.string().optional().describe('the name to match, when it differs from the host'),
    connect: z.string().optional().describe('HOST:PORT to connect to instead'),
    starttls: z.string().optional().describe('protocol spoken before TLS: smtp, imap, postgres...'),
    proxy: z.string().optional(),
    alpn: oneOrMore('application protocols to offer').optional(),
    ...settings,
  })
  .refine((target) => (target.endpoint === undefined) !== (target.files === undefined), 'needs either endpoint or files')
  .superRefine((target, context) => {
    // Ignored in silence, these would be green without ever having been looked at. Defaults may hold them: they are for the endpoints.
    if (target.files === undefined) return;
    for (const key of ENDPOINT_KEYS)
      if (target[key] !== undefined)
        context.addIssue({ code: 'custom', path: [key], message: 'is for endpoints and says nothing about files' });
    for (const key of Object.keys(target.expect ?? {}))
      if (!FILE_EXPECTATIONS.includes(key))
        context.addIssue({
          code: 'custom',
          path: ['expect', key],
          message: `takes a handshake; of files may be expected: ${FILE_EXPECTATIONS.join(', ')}`,
        });
  });

const deviationSchema = z.strictObject({
  target: text.describe('name of the target, * as wildcard'),
  expectation: z.enum(EXPECTATIONS).optional().describe('the expectation that may fail'),
  code: z
    .enum(ALL_CODES as [string, ...string[]])
    .optional()
    .describe('the cause that may occur'),
  until: z
    .string()
    .refine((text) => /^\d{4}-\d\d-\d\d/.test(text) && parseMoment(text, 0) !== undefined, 'is no date; write 2026-12-31')
    .describe('the day from which it counts again; no deviation is for ever'),
  reason: text,
});

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1).optional().describe('version of this format'),
    defaults: z.strictObject({ ...settings, ...{ retries: z.number().int().min(0).max(10).optional() } }).optional(),
    targets: z.array(targetSchema).min(1, 'is empty: a check of nothing would always pass'),
    policy: z
      .strictObject({
        sharedCertificates: z
          .enum(['allow', 'forbid'])
          .optional()
          .describe('`forbid`: no certificate or key may serve two different targets'),
        unchecked: z.enum(['fail', 'allow']).optional().describe('`allow`: what could not be checked does not fail the run'),
      })
      .optional(),
    allow: z.array(deviationSchema).optional().describe('known deviations, each with a reason and an end'),
  })
  .describe('Expectations of endpoints and certificate files, checked by `tlsmedic preflight`.');

export type Expect = z.output<typeof expectSchema>;
export type TargetEntry = z.output<typeof targetSchema>;
export type Deviation = z.output<typeof deviationSchema>;
export type PreflightConfig = z.output<typeof configSchema>;

/** The JSON Schema of the file, for editors (`$schema`) and other tools. */
export function configJsonSchema(): object {
  return {
    $id: 'urn:tlsmedic:schema:preflight-config:1',
    title: 'tlsmedic/preflight-config@1',
    // A place for YAML anchors, as in compose files.
    patternProperties: { '^x-': {} },
    ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }),
  };
}

/** The keys that may stand at a path of the file; list indices do not matter. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = (schema.shape as Record<PropertyKey, unknown>)[part];
  }
  schema = unwrap(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}
