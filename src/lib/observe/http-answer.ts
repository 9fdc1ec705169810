import type { HttpProvocation } from './handshake-request.js';

/** The one small request that provokes an answer, and the reading of its head. */

const MAX_HEAD = 16_384;
const MAX_BODY = 2048;

export interface HttpAnswer {
  status: number;
  statusText: string;
  server?: string;
  date?: string;
  bodyStart: string;
}

/** HTTP/1.1 request text. Small on purpose: a large early write loses a late alert to a reset. */
export function requestText({ method = 'GET', path, host }: HttpProvocation): string {
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: tlsmedic\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
}

/** Gathers an answer until its head and some of its body are there. */
export class HttpAnswerReader {
  private text = '';
  private full = false;

  /** Bytes as they come. Gives whether enough is there. */
  push(chunk: Uint8Array): boolean {
    if (this.full) return true;
    this.text += Buffer.from(chunk).toString('latin1');
    const head = this.headEnd();
    const wanted = head === undefined ? MAX_HEAD : head + Math.min(MAX_BODY, this.contentLength(head) ?? MAX_BODY);
    this.full = this.text.length >= wanted;
    if (this.full) this.text = this.text.slice(0, MAX_HEAD + MAX_BODY);
    return this.full;
  }

  /** Whether a status line has come: an answer, even if its body is still on its way. */
  get answered(): boolean {
    return /^HTTP\/[0-9.]+ [0-9]{3}[^\n]*\n/.test(this.text) && this.headEnd() !== undefined;
  }

  answer(): HttpAnswer | undefined {
    const status = /^HTTP\/[0-9.]+ ([0-9]{3})(?: ([^\r\n]*))?\r?\n/.exec(this.text);
    if (!status) return undefined;
    const headEnd = this.headEnd() ?? this.text.length;
    const head = this.text.slice(0, headEnd);
    const answer: HttpAnswer = {
      status: Number(status[1]),
      statusText: status[2] ?? '',
      bodyStart: this.text.slice(headEnd, headEnd + MAX_BODY),
    };
    const server = field(head, 'server');
    if (server !== undefined) answer.server = server;
    const date = field(head, 'date');
    if (date !== undefined) answer.date = date;
    return answer;
  }

  private headEnd(): number | undefined {
    const match = /\r?\n\r?\n/.exec(this.text);
    return match ? match.index + match[0].length : undefined;
  }

  private contentLength(headEnd: number): number | undefined {
    const length = field(this.text.slice(0, headEnd), 'content-length');
    return length !== undefined && /^\d{1,9}$/.test(length) ? Number(length) : undefined;
  }
}

function field(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head)?.[1]?.trim();
}
