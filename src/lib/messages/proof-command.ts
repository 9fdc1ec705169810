/** The line that would prove what a text says, with the host and port that it names. */
import type { Fix } from '../cause.js';
import { classOf } from '../cause.js';
import { quoteForShell } from '../diagnose/meta.js';
import type { Captured } from './captures.js';
import type { Code, Side } from './pattern.js';

const NEEDS_CLIENT_CERTIFICATE: ReadonlySet<Code> = new Set<Code>([
  'client-cert-required',
  'client-cert-expired',
  'client-cert-unknown-ca',
  'client-cert-wrong-purpose',
  'client-cert-rejected',
  'client-key-mismatch',
]);

/** Commands to run, most telling first. Placeholders in capitals stand for what the text does not say. */
export function proofCommands(code: Code, also: readonly Code[], side: Side, captured: Captured): Fix[] {
  if (side === 'startup') {
    const file = captured.file === undefined ? 'FILE' : quoteForShell(captured.file);
    const second = code === 'key-mismatch' || code === 'client-key-mismatch' ? ' KEY_FILE' : '';
    return [{ title: 'look at what the program could not load', command: `tlsmedic inspect ${file}${second}` }];
  }
  const target = targetOf(side, captured);
  const clientCertificate = NEEDS_CLIENT_CERTIFICATE.has(code) || also.slice(0, 4).some((c) => NEEDS_CLIENT_CERTIFICATE.has(c));
  const flags = [
    ...(classOf(code) === 'unknown-authority' ? ['--ca ca.crt'] : []),
    ...(clientCertificate ? ['--cert client.crt --key client.key'] : []),
    ...(captured.starttls === undefined ? [] : [`--starttls ${captured.starttls}`]),
    ...(captured.wanted !== undefined && captured.wanted !== captured.host ? [`--hostname ${quoteForShell(captured.wanted)}`] : []),
  ];
  const runs: Fix[] = [{ title: runTitle(also.length, side, captured), command: ['tlsmedic diagnose', target, ...flags].join(' ') }];
  if (side === 'server' && clientCertificate)
    runs.push({
      title: "look at the client's certificate",
      command: 'tlsmedic verify-chain client.crt --ca client-ca.crt --purpose client',
    });
  return runs;
}

function targetOf(side: Side, captured: Captured): string {
  if (captured.host === undefined) return 'HOST:PORT';
  // In a server's text an address is the server's own at best; a wildcard or a list is no host to connect to.
  if (!/^[A-Za-z0-9._:-]{1,253}$/.test(captured.host)) return 'HOST:PORT';
  const host = captured.host.includes(':') ? `[${captured.host}]` : captured.host;
  return `${host}:${captured.port ?? (side === 'server' ? 'PORT' : 443)}`;
}

function runTitle(alternatives: number, side: Side, captured: Captured): string {
  const who = side === 'server' && captured.peer !== undefined ? `, from where the client ${captured.peer} stands` : '';
  return `${alternatives === 0 ? 'prove it' : 'find out which'}${who}`;
}
