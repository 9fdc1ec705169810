import type { ClientHello, ServerHello, TranscriptMessage } from './transcript.js';

/** The ServerHello that settled the parameters (not a HelloRetryRequest), if one came. */
export function serverHelloOf(messages: readonly TranscriptMessage[]): ServerHello | undefined {
  for (const message of messages) if (message.type === 'server_hello') return message.hello;
  return undefined;
}

/** The first ClientHello. */
export function clientHelloOf(messages: readonly TranscriptMessage[]): ClientHello | undefined {
  for (const message of messages) if (message.type === 'client_hello') return message.hello;
  return undefined;
}
