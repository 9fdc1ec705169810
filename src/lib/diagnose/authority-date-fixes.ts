import type { Fix } from '../cause.js';

/** The certificate of an authority on a path. */
export interface AuthorityStep {
  subject: string;
  issuer: string;
  /** Where it was found: a file, or its place in the chain as sent. */
  source: string;
  role: string;
}

/** What mends the dates of an authority's certificate: a new end entity helps nobody. */
export function authorityDateFixes(code: 'expired' | 'not-yet-valid', { subject, issuer, source, role }: AuthorityStep): Fix[] {
  if (code === 'not-yet-valid')
    return [
      { title: `wait until ${subject} is in force, or put its predecessor in its place: ${source}` },
      { title: 'set the clock of the machine that issues', command: 'chronyc makestep' },
    ];
  if (role === 'anchor')
    return [
      { title: `get the renewed root of ${subject} over a channel you trust, and put it into ${source} beside the old one` },
      {
        title: 'where there is no renewed one: roll a new root out before anything is issued from it',
        command: 'tlsmedic verify-chain server.crt --ca old.pem --next-ca new.pem',
      },
    ];
  return [
    { title: `have ${subject} renewed by ${issuer} with the same key: the certificates below it stay as they are` },
    { title: `serve the renewed one in place of ${source}`, command: 'cat server.crt renewed-intermediate.crt > server-chain.crt' },
    { title: 'or leave it out, when another path to a trusted root does without it' },
  ];
}
