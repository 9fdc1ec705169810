import type { PlaceholderValues } from '../../diagnose/meta.js';
import type { EndpointFacts } from '../endpoint-facts.js';

/** The caller's own names and files, for the commands of fixes. */
export function placeholdersOf({ target, main }: EndpointFacts): PlaceholderValues {
  return {
    host: main.sent.servername ?? main.sent.address,
    port: main.sent.port,
    name: target.hostname ?? main.sent.servername ?? main.sent.address,
    ca: target.ca?.[0],
    cert: target.client?.cert,
    key: target.client?.key,
    crl: target.crl?.[0],
    protocol: target.starttls,
  };
}
