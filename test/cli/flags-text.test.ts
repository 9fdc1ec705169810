import { expect, it } from 'vitest';
import { flagsText } from '../../src/lib/cli/flags-text.js';

it('writes flags as they can be pasted', () => {
  const flags = {
    ca: ['a.crt', 'my ca.crt'],
    servername: '',
    connect: { host: '::1', port: 443 },
    alpn: ['h2', 'http/1.1'],
    'expect-mtls': true,
    quick: false,
    key: "it's.key",
    unrelated: 'x',
  };
  expect(flagsText(flags, ['ca', 'key', 'servername', 'connect', 'alpn', 'expect-mtls', 'quick', 'cert'])).toBe(
    "--ca a.crt --ca 'my ca.crt' --key 'it'\\''s.key' --servername '' --connect [::1]:443 --alpn h2,http/1.1 --expect-mtls",
  );
});
