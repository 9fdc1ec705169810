import type { Socket } from 'node:net';

/**
 * What is said in clear before TLS begins: STARTTLS of the mail protocols and of PostgreSQL, and the line of a load balancer that
 * speaks the PROXY protocol. Each resolves to true when the client may go on with its ClientHello.
 */
export type Preface = (socket: Socket) => Promise<boolean>;

/** SMTP (RFC 3207). */
export const smtpPreface: Preface = async (socket) => {
  socket.write('220 mail.lab.test ESMTP ready\r\n');
  for (;;) {
    const line = await nextLine(socket);
    if (line === undefined) return false;
    if (/^ehlo /i.test(line)) socket.write('250-mail.lab.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n');
    else if (/^starttls$/i.test(line)) {
      socket.write('220 2.0.0 Ready to start TLS\r\n');
      return true;
    } else if (/^quit$/i.test(line)) {
      socket.write('221 2.0.0 Bye\r\n');
      return false;
    } else socket.write('502 5.5.2 Error: command not recognized\r\n');
  }
};

/** IMAP (RFC 3501 §6.2.1). */
export const imapPreface: Preface = async (socket) => {
  socket.write('* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n');
  for (;;) {
    const line = await nextLine(socket);
    if (line === undefined) return false;
    const [tag = '*', command = ''] = line.split(' ');
    if (/^capability$/i.test(command)) socket.write(`* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n${tag} OK done\r\n`);
    else if (/^starttls$/i.test(command)) {
      socket.write(`${tag} OK Begin TLS negotiation now\r\n`);
      return true;
    } else socket.write(`${tag} BAD unknown command\r\n`);
  }
};

/** PostgreSQL's SSLRequest (protocol 3.0, message formats): eight bytes, answered by one. */
export const postgresPreface: Preface = async (socket) => {
  const request = await nextBytes(socket, 8);
  if (request === undefined || request.readUInt32BE(4) !== 80877103) return false;
  socket.write('S');
  return true;
};

/** Insists on a PROXY protocol header, version 1 or 2, and closes on anything else, as HAProxy and nginx do. */
export const proxyProtocolPreface: Preface = async (socket) => {
  const start = await nextBytes(socket, 5);
  if (start?.toString('latin1') === 'PROXY') return (await nextLine(socket)) !== undefined;
  return false;
};

/** One line without its end; undefined when the peer left or sends no line. Bytes behind the line stay unread. */
async function nextLine(socket: Socket): Promise<string | undefined> {
  let line = '';
  while (line.length < 1024) {
    const byte = await nextBytes(socket, 1);
    if (byte === undefined) return undefined;
    const character = byte.toString('latin1');
    if (character === '\n') return line.replace(/\r$/, '');
    line += character;
  }
  return undefined;
}

/** Exactly `count` bytes; undefined when the peer ends first. */
function nextBytes(socket: Socket, count: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const look = (): void => {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes !== null && bytes.length === count) done(bytes);
      else if (socket.readableEnded || socket.destroyed) done(undefined);
    };
    const gone = (): void => done(undefined);
    const done = (bytes: Buffer | undefined): void => {
      socket.off('readable', look);
      socket.off('end', gone);
      socket.off('close', gone);
      resolve(bytes);
    };
    socket.on('readable', look);
    socket.on('end', gone);
    socket.on('close', gone);
    look();
  });
}
