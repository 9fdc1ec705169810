import { describe, expect, it } from 'vitest';
import { looksLikeTls, spokenProtocol } from '../../src/lib/evidence/first-bytes.js';

const text = (value: string) => Buffer.from(value, 'latin1');

describe('what speaks on a port', () => {
  it.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'http', undefined],
    ['<!DOCTYPE html><html>', 'http', undefined],
    ['SSH-2.0-OpenSSH_9.2p1 Debian\r\n', 'ssh', undefined],
    ['220 mail.example ESMTP Postfix\r\n', 'smtp', 'smtp'],
    ['554 5.7.1 no access\r\n', 'smtp', 'smtp'],
    ['220 (vsFTPd 3.0.3)\r\n', 'ftp', 'ftp'],
    ['* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n', 'imap', 'imap'],
    ['+OK Dovecot ready.\r\n', 'pop3', 'pop3'],
    ["-ERR unknown command 'x'\r\n", 'redis', undefined],
    ['+PONG\r\n', 'redis', undefined],
    ['-NOAUTH Authentication required.\r\n', 'redis', undefined],
    ['ERROR\r\n', 'memcached', undefined],
    ['INFO {"server_id":"x"}\r\n', 'nats', undefined],
    ['AMQP\x00\x00\x09\x01', 'amqp', undefined],
  ])('%j is %s', (said, name, starttls) => {
    expect(spokenProtocol(text(said))).toMatchObject({ name, ...(starttls && { starttls }) });
  });
  it('MySQL, PostgreSQL and MQTT by their bytes', () => {
    expect(spokenProtocol(Buffer.from('5b0000000a352e352e352d31302e31312e362d4d617269614442000800000061', 'hex'))).toMatchObject({
      name: 'mysql',
      starttls: 'mysql',
    });
    expect(spokenProtocol(Buffer.from('450000006653464154414c00', 'hex'))).toMatchObject({ name: 'postgres', starttls: 'postgres' });
    expect(spokenProtocol(Buffer.from('20020000', 'hex'))).toMatchObject({ name: 'mqtt' });
  });
  it('TLS is not mistaken for another protocol, nor nothing for something', () => {
    expect(looksLikeTls(Buffer.from('15030300020228', 'hex'))).toBe(true);
    expect(spokenProtocol(Buffer.from('15030300020228', 'hex'))).toBeUndefined();
    expect(spokenProtocol(new Uint8Array(0))).toBeUndefined();
    expect(spokenProtocol(Buffer.from('00ff00ff00', 'hex'))?.name).toBe('unknown');
  });
  it('shows no control characters of what was said', () => {
    expect(spokenProtocol(text('220 \x1b[31mred\x07 SMTP\r\nmore'))?.said).toBe('220 .[31mred. SMTP');
  });
});
