import { type PrefaceStream, refused } from '../preface/preface-stream.js';

const NAMESPACE = 'urn:ietf:params:xml:ns:xmpp-tls';

/** RFC 6120 §5, client to server. */
export async function xmpp(stream: PrefaceStream, name: string): Promise<void> {
  await negotiate(stream, name, 'jabber:client');
}

/** Server to server. */
export async function xmppServer(stream: PrefaceStream, name: string): Promise<void> {
  await negotiate(stream, name, 'jabber:server');
}

async function negotiate(stream: PrefaceStream, name: string, namespace: string): Promise<void> {
  const to = name.replace(/[<>&'"]/g, '');
  stream.write(
    `<?xml version='1.0'?><stream:stream xmlns='${namespace}' xmlns:stream='http://etherx.jabber.org/streams' to='${to}' version='1.0'>`,
    `<stream:stream to='${to}'>`,
  );
  let features = '';
  while (!/<\/stream:features>|<stream:features\s*\/>/.test(features)) {
    features += (await stream.through(Buffer.from('>'))).toString('latin1');
    if (/<stream:error|<\/stream:stream>/.test(features)) break;
  }
  stream.heard(features, Buffer.from(features, 'latin1'));
  if (!features.includes(NAMESPACE)) throw refused('the server does not offer STARTTLS among its stream features');
  stream.write(`<starttls xmlns='${NAMESPACE}'/>`, '<starttls/>');
  const answer = (await stream.through(Buffer.from('>'))).toString('latin1');
  stream.heard(answer, Buffer.from(answer, 'latin1'));
  if (!answer.includes('<proceed')) throw refused(`the server answers STARTTLS with "${answer}"`);
}
