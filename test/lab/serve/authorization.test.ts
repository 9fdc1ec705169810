import { describe, expect, it } from 'vitest';
import { authorizationFromPatterns, authorize, parseAuthorization } from '../../../src/lib/lab/serve/authorization.js';
import type { PeerIdentity } from '../../../src/lib/lab/serve/events.js';

const nobody: PeerIdentity = { commonName: null, dns: [], uri: [], email: [], ip: [], spiffeId: null, fingerprint: 'ab'.repeat(32) };
const ledger: PeerIdentity = {
  ...nobody,
  commonName: 'ledger',
  dns: ['ledger.payments.svc'],
  uri: ['spiffe://corp/svc/ledger'],
  spiffeId: 'spiffe://corp/svc/ledger',
};

describe('patterns', () => {
  it.each([
    ['spiffe://corp/svc/*', true],
    ['spiffe://corp/*', false],
    ['spiffe://corp/**', true],
    ['spiffe://corp/svc/ledge', false],
    ['cn:ledger', true],
    ['cn:LEDGER', true],
    ['cn:led', false],
    ['ledger', true],
    ['dns:*.payments.svc', true],
    ['dns:*.svc', false],
    ['dns:ledger', false],
    ['*.payments.svc', true],
    ['email:*@corp', false],
    [`fingerprint:${'ab'.repeat(32)}`, true],
    // No pattern may be read as a regular expression.
    ['spiffe://corp/svc/.*', false],
    ['cn:l.dger', false],
    ['(', false],
  ])('%s allows the ledger: %s', (pattern, allowed) => {
    expect(authorize(authorizationFromPatterns([pattern]), ledger, '/').allowed).toBe(allowed);
  });

  it('nobody without a certificate is allowed', () => {
    expect(authorize(authorizationFromPatterns(['**']), null, '/')).toMatchObject({
      allowed: false,
      why: expect.stringContaining('no certificate'),
    });
  });
});

describe('a rules file', () => {
  const text = `
roles:
  reader: ['spiffe://corp/svc/*']
  admin: [dns:ops.internal]
paths:
  /admin/**: [admin]
  /health: [reader, admin]
  /data/*: [reader]
`;
  it('gives roles their paths; what nothing mentions is forbidden', async () => {
    const rules = await parseAuthorization(text, 'rules.yaml');
    const may = (path: string): boolean => authorize(rules, ledger, path).allowed;
    expect([may('/health'), may('/data/a'), may('/data/a/b'), may('/admin'), may('/admin/x'), may('/elsewhere'), may('/')]).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(authorize(rules, ledger, '/admin').why).toBe('/admin/** wants the role admin, spiffe://corp/svc/ledger has reader');
  });

  it.each([
    ['roles: {}', 'wants the keys'],
    ['roles: {a: [x]}\npaths: {/: [b]}', 'the role "b"'],
    ['roles: {a: [x]}\npaths: {admin: [a]}', 'does not begin with /'],
    ['roles: {a: [1]}\npaths: {/: [a]}', 'list of texts'],
    ['roles: {a: [x]}\npaths: {/: [a]}\nrole: {}', 'unknown key "role"'],
    ['roles: [', 'cannot be used'],
    ['&a [*a, *a]', 'cannot be used'],
  ])('%j is refused with a reason', async (bad, why) => {
    await expect(parseAuthorization(bad, 'rules.yaml')).rejects.toMatchObject({
      code: 'bad-rules',
      kind: 'input',
      message: expect.stringContaining(why),
    });
  });
});
