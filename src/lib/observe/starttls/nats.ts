import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** A NATS server greets with INFO, whose JSON says whether TLS is possible; the client then begins TLS at once. */
export async function nats(stream: PrefaceStream): Promise<void> {
  const line = await stream.line();
  const info = /^INFO\s+(\{.*\})/i.exec(line)?.[1];
  if (info === undefined) throw refused(`greeting: the server said "${line.slice(0, 200)}"`);
  if (!/"tls_(required|available)"\s*:\s*true/.test(info))
    throw refused('the server offers no TLS (INFO has neither tls_required nor tls_available)');
}
